/** The job suite on the sandbox, and where it must not blame the cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, type Passing } from '../front.ts';

test('three pods end well, a failing Job gives up, in at most 24 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  const result = await drive.runOne(drive.suite('job'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 24, `${result.apiRequests.total} requests`);
  const { body } = await front.direct('GET', `/apis/batch/v1/namespaces/${drive.namespaceOf('job')}/jobs`);
  assert.deepEqual(body.items, []);
});

test('pods that show themselves late, or on no watch at all, turn nothing red', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('watch-silent', true);
  const result = await front.run('job', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a Job that makes more pods at a time than it may is the fault of its controller', async (t) => {
  const front = await openFront(t, {
    object(object: Passing) {
      if (object.kind === 'Pod' && object.status?.phase === 'Succeeded') object.status.phase = 'Running';
      return object;
    },
  });
  const result = await front.run('job');
  const wrong = findingsIn(result).find(({ code }) => code === 'k8s.replica_failure');
  assert.equal(result.status, 'failed');
  assert.match(wrong?.message ?? '', /3 pods ran at a time, its parallelism is 2/);
});

test('what is in the way of its pods is told with the Job as evidence', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('scheduler-down', true);
  const result = await front.run('job', { eventTimeoutSeconds: 3 });
  const [finding] = findingsIn(result);
  assert.deepEqual(
    [result.status, finding?.code, result.diagnosis?.component],
    ['failed', 'timeout.events', 'scheduler'],
  );
  assert.match(finding?.evidence?.objects?.[0]?.state ?? '', /0 of 3 completions/);
});
