import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  all,
  codeOf,
  describe,
  isReady,
  isScheduled,
  none,
  remaining,
  standing,
  troubles,
} from '../../runtime/kube/kinds/pod-conditions.ts';
import { aContainer, aPod } from '../pods.ts';

const ready = all(3, 'Ready', isReady);
const three = [aPod('web-1'), aPod('web-2'), aPod('web-3')];
const why = (look: { done: boolean; why?: string }) => {
  assert.equal(look.done, false);
  return look.why ?? '';
};

test('three Ready pods are three Ready pods', () => {
  assert.deepEqual(ready(three), { done: true, value: three });
});

test('a Running phase without the Ready condition does not count', () => {
  const running = aPod('web-3', { conditions: [{ type: 'PodScheduled', status: 'True' }], phase: 'Running' });
  assert.match(
    why(ready([...three.slice(0, 2), running])),
    /^2 of 3 pods Ready; web-3 on node1: running but not Ready/,
  );
});

test('a Ready condition that is False or Unknown does not count', () => {
  for (const status of ['False', 'Unknown']) {
    assert.equal(isReady(aPod('web-1', { conditions: [{ type: 'Ready', status }] })), false);
  }
});

test('a pod being deleted never counts, Ready or not', () => {
  const going = aPod('web-3', { deletedAt: '2026-01-01T00:00:10Z' });
  assert.match(why(ready([...three.slice(0, 2), going])), /^2 of 3 pods Ready/);
});

test('a pod that was evicted neither counts nor has to go: its replica set has made another', () => {
  const evicted = aPod('web-0', { phase: 'Failed', conditions: [], containers: [] });
  assert.equal(ready([evicted, ...three]).done, true);
  assert.deepEqual(standing([evicted, ...three]), three);
  const ending = { ...evicted, deletedAt: '2026-01-01T00:00:10Z' };
  assert.deepEqual(remaining([evicted, ending, ...three]), [ending, ...three]);
  assert.equal(codeOf([evicted], 'timeout.events'), 'k8s.pod_failed');
});

test('a pod too many is not the wanted state', () => {
  assert.match(why(ready([...three, aPod('web-4')])), /4 of 3 pods Ready; 4 pods for 3 replicas/);
});

test('a Pending pod without a PodScheduled condition is not scheduled', () => {
  const pending = aPod('web-1', { node: undefined, phase: 'Pending', conditions: [], containers: [] });
  assert.equal(isScheduled(pending), false);
  const now = new Date('2026-01-01T00:00:41Z');
  assert.equal(describe(pending, now), 'web-1: not scheduled: made 41 s ago, no scheduler has looked at it');
});

test("an unschedulable pod is described in the scheduler's words", () => {
  const message = '0/3 nodes are available: 3 Insufficient memory.';
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
  const pod = aPod('web-1', { node: undefined, conditions, containers: [] });
  assert.equal(describe(pod), `web-1: not scheduled: ${message}`);
  assert.equal(isScheduled(pod), false);
});

test('a pod that no kubelet took up is described by its node', () => {
  const scheduled = { type: 'PodScheduled', status: 'True', since: '2026-01-01T00:00:01Z' };
  const pod = aPod('web-1', { node: 'node2', containers: [], conditions: [scheduled] });
  assert.equal(
    describe(pod, new Date('2026-01-01T00:00:42Z')),
    'web-1 on node2: scheduled 41 s ago, no container status',
  );
  const ahead = new Date('2026-01-01T00:00:00Z');
  assert.match(describe(pod, ahead), /scheduled 0 s ago/, 'their clock may be ahead of ours');
});

test('the age of a deletion counts from when it was asked for', () => {
  const going = aPod('web-1', { deletedAt: '2026-01-01T00:00:30Z', graceSeconds: 30 });
  assert.equal(
    describe(going, new Date('2026-01-01T00:00:09Z')),
    'web-1 on node1: deletion asked for 9 s ago, still there',
  );
});

test('what keeps standing pods from being Ready is told for those alone', () => {
  const unready = aPod('web-2', { conditions: [{ type: 'Ready', status: 'False', message: 'not yet' }] });
  const going = aPod('web-3', { deletedAt: '2026-01-01T00:00:10Z' });
  assert.deepEqual(troubles([aPod('web-1'), unready, going]), ['web-2 on node1: running but not Ready: not yet']);
});

test('no pod is left only when the list is empty: pods being deleted are still there', () => {
  assert.equal(none('left')([]).done, true);
  assert.match(
    why(none('left')([aPod('web-1', { deletedAt: 'then' })])),
    /^1 pod left; web-1 on node1: deletion asked for, still there/,
  );
});

test('a pod that cannot run says more than the time-out that follows from it', () => {
  for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'CrashLoopBackOff', 'CreateContainerConfigError']) {
    const stuck = aPod('web-1', { containers: [aContainer({ state: 'waiting', reason })] });
    assert.equal(codeOf([stuck, aPod('web-2')], 'timeout.events'), 'k8s.pod_failed', reason);
  }
});

test('a container that is being created is no failed pod', () => {
  const starting = aPod('web-1', { containers: [aContainer({ state: 'waiting', reason: 'ContainerCreating' })] });
  assert.equal(codeOf([starting], 'timeout.waiting_on_phase'), 'timeout.waiting_on_phase');
});

test('a failed pod that is being deleted is not held against the cluster', () => {
  const gone = aPod('web-1', { phase: 'Failed', deletedAt: 'then' });
  assert.equal(codeOf([gone], 'timeout.events'), 'timeout.events');
});

test('a container that was restarted often and is ready now is not why others are missing', () => {
  const codeWith = (ready: boolean) =>
    codeOf([aPod('web-1', { containers: [aContainer({ restarts: 5, ready })] })], 'timeout.waiting_on_phase');
  assert.deepEqual([codeWith(true), codeWith(false)], ['timeout.waiting_on_phase', 'k8s.pod_failed']);
});
