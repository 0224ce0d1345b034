import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../runtime/defects.ts';
import type { AnsweredRequest } from '../../runtime/model/probing.ts';
import { missingFrom, validateLogs } from '../../runtime/probes/pod-log.ts';

const line = (userAgent: string) => `10.0.0.1 - - [x] "GET / HTTP/1.1" 200 49 "-" "${userAgent}"`;
const toPod = (name: string, userAgent: string): AnsweredRequest => ({
  target: { resource: 'pod', object: { kind: 'pod', name }, host: '10.244.1.2', port: 8080 },
  userAgent,
});
const toService = (userAgent: string): AnsweredRequest => ({
  target: { resource: 'service', object: { kind: 'service', name: 'web' }, host: '10.96.0.7', port: 80 },
  userAgent,
});
const messages = (...args: Parameters<typeof missingFrom>) => missingFrom(...args).map(({ message }) => message);

test('every request in the log that should have it: nothing is missing', () => {
  const logs = new Map([
    ['web-1', [line('kube-e2etests/r-1'), line('kube-e2etests/r-3')]],
    ['web-2', [line('kube-e2etests/r-2')]],
  ]);
  const answered = [
    toPod('web-1', 'kube-e2etests/r-1'),
    toPod('web-2', 'kube-e2etests/r-2'),
    toService('kube-e2etests/r-3'),
  ];
  assert.deepEqual(messages(logs, answered), []);
});

test('an empty log is a finding even when nothing was asked of the pod', () => {
  assert.deepEqual(messages(new Map([['web-1', []]]), []), ['The log of pod/web-1 is empty']);
});

test("a request to a pod that is in another pod's log only is missing", () => {
  const logs = new Map([
    ['web-1', [line('curl')]],
    ['web-2', [line('kube-e2etests/r-1')]],
  ]);
  assert.deepEqual(messages(logs, [toPod('web-1', 'kube-e2etests/r-1')]), [
    "1 answered requests to pod/web-1 appear in no pod's log",
  ]);
});

test('requests to a service may be in any log, and are counted where they are in none', () => {
  const logs = new Map([['web-1', [line('kube-e2etests/r-1')]]]);
  const answered = [1, 2, 3].map((n) => toService(`kube-e2etests/r-${n}`));
  assert.deepEqual(messages(logs, answered), ["2 answered requests to service/web appear in no pod's log"]);
});

test('a User-Agent that only begins like ours is not ours', () => {
  const logs = new Map([['web-1', [line('kube-e2etests/r-11')]]]);
  assert.equal(messages(logs, [toPod('web-1', 'kube-e2etests/r-1')]).length, 1);
});

test('a line that reaches the log a moment late is found by reading again', async () => {
  let reads = 0;
  const read = async () => new Map([['web-1', reads++ === 0 ? [line('curl')] : [line('kube-e2etests/r-1')]]]);
  await validateLogs(read, [toPod('web-1', 'kube-e2etests/r-1')]);
  assert.equal(reads, 2);
});

test('a line that never comes is raised as k8s.log_incorrect', async () => {
  const read = async () => new Map([['web-1', [line('curl')]]]);
  const error = await validateLogs(read, [toPod('web-1', 'kube-e2etests/r-1')]).catch((thrown: unknown) => thrown);
  assert.deepEqual(
    findingsOf(error).map(({ code }) => code),
    ['k8s.log_incorrect'],
  );
});

test('a log that was rotated under the run must hold what is asked after that', async () => {
  const answered = [toPod('web-1', 'kube-e2etests/r-1'), toPod('web-1', 'kube-e2etests/r-2')];
  const log = [line('kube-e2etests/r-2')];
  await validateLogs(
    async () => new Map([['web-1', log]]),
    answered,
    async () => {
      answered.push(toPod('web-1', 'kube-e2etests/r-3'));
      log.push(line('kube-e2etests/r-3'));
    },
  );
  const stale = validateLogs(
    async () => new Map([['web-1', [line('kube-e2etests/r-2')]]]),
    answered,
    async () => {
      answered.push(toPod('web-1', 'kube-e2etests/r-4'));
    },
  );
  await assert.rejects(stale, /1 answered requests to pod\/web-1/);
});

test('a log with lines of earlier runs was not rotated: what it lacks is missing', async () => {
  const read = async () => new Map([['web-1', [line('kube-e2etests/earlier-1')]]]);
  const askAgain = () => assert.fail('asked again');
  await assert.rejects(validateLogs(read, [toPod('web-1', 'kube-e2etests/r-1')], askAgain));
});
