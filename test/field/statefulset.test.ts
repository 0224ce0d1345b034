/** The statefulset suite on the sandbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';

test('three pods come and go in order, in at most 12 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  await drive.runOne(drive.suite('statefulset'));
  const result = await drive.runOne(drive.suite('statefulset'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 12, `${result.apiRequests.total} requests`);
  const { body } = await front.direct(
    'GET',
    `/apis/apps/v1/namespaces/${drive.namespaceOf('statefulset')}/statefulsets`,
  );
  assert.deepEqual(body.items, []);
});

test('watches that are silent turn nothing red', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('watch-silent', true);
  const result = await front.run('statefulset', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});
