/** The volume suite on the sandbox: who keeps a claim from its volume, and what a volume need not do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { findingsIn, openFront, type Passing } from '../front.ts';

const classes = '/apis/storage.k8s.io/v1/storageclasses';
const volumes = '/api/v1/persistentvolumes';
const notesOf = ({ steps }: RunResult, step: string) => steps.find(({ name }) => name === step)?.notes;
const named = (name: string, more: object = {}) => ({ metadata: { name }, provisioner: 'sandbox/volumes', ...more });

/** Verdict, first code, component and part. */
function judged(result: RunResult) {
  return [result.status, findingsIn(result)[0]?.code, result.diagnosis?.component, result.diagnosis?.part];
}

test('a volume is claimed, written, expanded, read on another node and deleted, in at most 30 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  await drive.runOne(drive.suite('volume'));
  const result = await drive.runOne(drive.suite('volume'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 30, `${result.apiRequests.total} requests`);
  assert.ok(result.apiRequests.watches <= 7, `${result.apiRequests.watches} watches`);
  assert.match(notesOf(result, 'Check content')?.[0] ?? '', /^written on (node\d), read on (?!\1)node\d$/);
  const grown = front.requests.findLast(({ method }) => method === 'PATCH');
  assert.equal(grown?.body.spec.resources.requests.storage, '2Gi');
  for (const path of [volumes, `/api/v1/namespaces/${drive.namespaceOf('volume')}/persistentvolumeclaims`])
    assert.deepEqual((await front.direct('GET', path)).body.items, []);
});

test('a class that binds with the first pod, and does not expand: the one is waited for, the other is a note', async (t) => {
  const front = await openFront(t);
  await front.direct('POST', classes, named('late', { volumeBindingMode: 'WaitForFirstConsumer' }));
  const result = await front.run('volume', { eventTimeoutSeconds: 10, env: { STORAGE_CLASS: 'late' } });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.deepEqual(notesOf(result, 'Expand PersistentVolumeClaim'), ['not expanded: its class late does not allow it']);
  assert.ok(!front.requests.some(({ method }) => method === 'PATCH'));
});

test('a claim that waits for its first pod is not blamed for a scheduler that is down', async (t) => {
  const front = await openFront(t);
  await front.direct('POST', classes, named('late', { volumeBindingMode: 'WaitForFirstConsumer' }));
  front.sandbox.faults.set('scheduler-down', true);
  const result = await front.run('volume', { env: { STORAGE_CLASS: 'late' } });
  assert.deepEqual(judged(result), ['failed', 'timeout.events', 'scheduler', undefined]);
});

test('a hostPath is read where it was written: that it is on one node is no fault', async (t) => {
  const front = await openFront(t, {
    object(object: Passing) {
      if (object.kind !== 'PersistentVolume') return object;
      const { csi: _, ...spec } = object.spec;
      return { ...object, spec: { ...spec, hostPath: { path: '/tmp/here' } } };
    },
  });
  const result = await front.run('volume', { eventTimeoutSeconds: 10 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  const [note] = notesOf(result, 'Check content') ?? [];
  assert.match(note ?? '', /^written on (node\d), read on \1: it is a hostPath, which is on one node$/);
});

test('a provisioner that is stopped is named, for a claim as for a volume that stays', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('provisioner-down', true);
  const pending = await front.run('volume');
  assert.deepEqual(judged(pending), ['failed', 'k8s.claim_pending', 'storage', 'sandbox/volumes']);
  front.sandbox.faults.set('provisioner-down', false);
  front.hooks = {
    answer: ({ method, url }) => {
      if (method === 'DELETE' && /persistentvolumeclaims/.test(url)) front.sandbox.faults.set('provisioner-down', true);
      return undefined;
    },
  };
  const left = await front.run('volume');
  assert.deepEqual(judged(left), ['failed', 'k8s.volume_left', 'storage', 'sandbox/volumes']);
  assert.match(findingsIn(left)[0]?.message ?? '', /still there \d+\.\d s after the claim: it is Released, made by/);
});

test('a volume that lost what was written is told with both nodes, and what is there', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('volume-loses-data', true);
  const result = await front.run('volume', { eventTimeoutSeconds: 10 });
  assert.deepEqual(judged(result), ['failed', 'k8s.data_lost', 'storage', undefined]);
  assert.match(findingsIn(result)[0]?.message ?? '', /was written on node\d, and on node\d there was "cat: /);
});

test('a volume that is kept by its own reclaim policy is a matter of the set-up', async (t) => {
  const front = await openFront(t, {
    object(object: Passing) {
      if (object.kind === 'PersistentVolume') object.spec.persistentVolumeReclaimPolicy = 'Retain';
      return object;
    },
  });
  const result = await front.run('volume', { eventTimeoutSeconds: 10 });
  assert.deepEqual(judged(result), ['errored', 'k8s.prerequisite_missing', 'setup', undefined]);
});

test('classes that keep volumes, make none, or are not there make it unsupported', async (t) => {
  const front = await openFront(t);
  await front.direct('POST', classes, named('kept', { reclaimPolicy: 'Retain' }));
  const asked = async (name: string) => {
    const result = await front.run('volume', { env: { STORAGE_CLASS: name } });
    return [result.status, result.unmet?.reason];
  };
  const [status, reason] = await asked('kept');
  assert.equal(status, 'unsupported');
  assert.match(reason ?? '', /^volumes of StorageClass kept stay when their claims go \(reclaimPolicy Retain\)/);
  assert.deepEqual(await asked('none'), ['unsupported', 'there is no StorageClass none, which STORAGE_CLASS names']);
});

test('watches that are silent turn nothing red', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('watch-silent', true);
  const result = await front.run('volume', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('what a dead run left is removed by the next: its Job, then its claim, and so its volume', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  const suite = drive.suite('volume');
  // Its clean-up reaches nobody, and its lock stays.
  front.hooks = {
    answer: ({ method }) => (method === 'DELETE' ? { status: 500, body: { kind: 'Status', code: 500 } } : undefined),
  };
  front.sandbox.faults.set('provisioner-down', true);
  await (await front.drive()).runOne(suite);
  front.hooks = {};
  front.sandbox.faults.set('provisioner-down', false);
  const result = await drive.runWhenFree(suite);
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.deepEqual(
    result.recovered.map(({ kind }) => kind),
    ['job', 'persistentvolumeclaim'],
  );
  assert.deepEqual((await front.direct('GET', volumes)).body.items, []);
});
