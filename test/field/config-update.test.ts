/** The config_update suite on the sandbox: whose content is late, and what says nothing of a kubelet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, status } from '../front.ts';

test('a changed ConfigMap and Secret reach three running pods in at most 24 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  const result = await drive.runOne(drive.suite('config_update'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 24, `${result.apiRequests.total} requests`);
  for (const plural of ['configmaps', 'secrets']) {
    const path = `/api/v1/namespaces/${drive.namespaceOf('config_update')}/${plural}`;
    const { body } = await front.direct('GET', path);
    const ours = body.items.filter(
      ({ metadata }: { metadata: { name: string } }) => metadata.name === 'kubee2etestapp',
    );
    assert.deepEqual(ours, [], plural);
  }
});

test('a kubelet that is stopped once its pod runs is named, with what it is behind with', async (t) => {
  const front = await openFront(t);
  front.hooks = {
    answer: ({ method, url }) => {
      if (method === 'PATCH' && url.includes('/secrets/')) front.sandbox.faults.set('kubelet-down', { node: 'node2' });
      return undefined;
    },
  };
  const result = await front.run('config_update', { eventTimeoutSeconds: 3 });
  const found = findingsIn(result);
  assert.deepEqual(
    found.map(({ code }) => code),
    ['k8s.content_stale', 'k8s.content_stale'],
  );
  assert.match(found.map(({ message }) => message).join('\n'), /on node2 still has the ConfigMap .*\n.* the Secret /);
  assert.deepEqual(
    [result.status, result.diagnosis?.component, result.diagnosis?.part],
    ['failed', 'kubelet', 'node2'],
  );
});

test('a kubelet that looks by itself only later is waited for: twice EVENT_TIMEOUT_SECONDS', async (t) => {
  const front = await openFront(t, { sandbox: { timing: { volumeSyncMs: 5_500 } } });
  front.hooks = {
    answer: ({ method, url, body }) => {
      const isTouch = method === 'PATCH' && url.includes('/pods/');
      return isTouch ? { status: 200, body: { kind: 'Pod', metadata: {}, ...(body as object) } } : undefined;
    },
  };
  const result = await front.run('config_update', { eventTimeoutSeconds: 5 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a pod that goes between the change and the touch does not make the run fail', async (t) => {
  const front = await openFront(t);
  let isGone = false;
  front.hooks = {
    answer: async ({ method, url }) => {
      if (method !== 'PATCH' || !url.includes('/pods/') || isGone) return undefined;
      isGone = true;
      await front.direct('DELETE', url.replace(/\?.*/, ''));
      return status(404, 'NotFound', 'pods "x" not found', { details: { kind: 'pods' } });
    },
  };
  const result = await front.run('config_update');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});
