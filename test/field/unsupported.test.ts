/** What a cluster does not offer is no fault of anybody, unless somebody counts on it. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';

const FUNCTIONS_DIR = resolve('test/fixtures/requires');
const gold = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'gold' },
  provisioner: 'example.com/gold',
};
const classes = '/apis/storage.k8s.io/v1/storageclasses';

test('a suite whose requirement the cluster does not meet is unsupported, says why, and makes nothing', async (t) => {
  const front = await openFront(t);
  const result = await front.run('fixture_requires', { env: { FUNCTIONS_DIR } });
  assert.equal(result.status, 'unsupported', findingsIn(result)[0]?.message);
  assert.deepEqual(result.unmet, {
    requirement: 'storage-of-gold',
    reason: 'the cluster has no StorageClass gold among its 1',
  });
  assert.deepEqual(
    result.steps.map(({ name, status }) => `${name}: ${status}`),
    ['Check requirements: skipped', 'Look: skipped'],
  );
  assert.equal(result.apiRequests.total, 1);
  assert.equal(result.diagnosis, undefined);
  assert.ok(!front.requests.some(({ method }) => method !== 'GET'));
});

test('one that was asked for by name is errored: somebody counts on it', async (t) => {
  const front = await openFront(t);
  const result = await front.run('fixture_requires', { env: { FUNCTIONS_DIR, SUITES: 'fixture_requires' } });
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['errored', 'k8s.prerequisite_missing']);
  assert.match(finding?.message ?? '', /^storage-of-gold: the cluster has no StorageClass gold.*asked for by name/);
  assert.deepEqual([result.diagnosis?.component, result.unmet], ['setup', undefined]);
});

test('what was supported and is not any more is errored, and seen', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ env: { FUNCTIONS_DIR } });
  const run = () => drive.runOne(drive.suite('fixture_requires'));
  assert.equal((await run()).status, 'unsupported');
  assert.equal((await front.direct('POST', classes, gold)).status, 201);
  assert.equal((await run()).status, 'passed');
  await front.direct('DELETE', `${classes}/gold`);
  const result = await run();
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['errored', 'k8s.prerequisite_missing']);
  assert.match(findingsIn(result)[0]?.message ?? '', /it was there 0 minutes ago/);
});

test('a cluster that does not let us ask is errored as any other, and not unsupported', async (t) => {
  const front = await openFront(t, {
    answer: ({ url }) =>
      url.startsWith(classes)
        ? {
            status: 403,
            body: {
              ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 },
              message: 'storageclasses is forbidden: User "x" cannot list resource "storageclasses"',
            },
          }
        : undefined,
  });
  const result = await front.run('fixture_requires', { env: { FUNCTIONS_DIR } });
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['errored', 'api.forbidden']);
});
