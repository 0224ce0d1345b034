/** The daemonset suite on the sandbox, and the nodes for which it must blame nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, type Passing } from '../front.ts';

const placed = (object: Passing) => object.kind === 'Pod' && object.spec.nodeName;

test('one pod on every node, in at most 10 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  await drive.runOne(drive.suite('daemonset'));
  const result = await drive.runOne(drive.suite('daemonset'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 10, `${result.apiRequests.total} requests`);
  const { body } = await front.direct('GET', `/apis/apps/v1/namespaces/${drive.namespaceOf('daemonset')}/daemonsets`);
  assert.deepEqual(body.items, []);
});

test('a node with a taint of people gets none and is waited for by nobody; a cordoned one may have one', async (t) => {
  const front = await openFront(t);
  const patch = (node: string, spec: object) =>
    front.direct('PATCH', `/api/v1/nodes/${node}`, { spec }, 'application/merge-patch+json');
  await patch('node1', { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] });
  await patch('node2', {
    unschedulable: true,
    taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
  });
  const result = await front.run('daemonset');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a node whose kubelet is silent is named; a pod that has no room is no finding', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('kubelet-down', true);
  const silent = await front.run('daemonset', { eventTimeoutSeconds: 2 });
  const [finding] = findingsIn(silent);
  assert.deepEqual([silent.status, finding?.code], ['failed', 'timeout.waiting_on_phase']);
  assert.match(finding?.message ?? '', /none Ready on node2/);
  assert.deepEqual([silent.diagnosis?.component, silent.diagnosis?.part], ['kubelet', 'node2']);
  front.sandbox.faults.set('kubelet-down', false);
  front.hooks = {
    object: (object: Passing) => {
      if (!placed(object) || object.spec.nodeName !== 'node3') return object;
      delete object.spec.nodeName;
      const message = '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) did not match.';
      object.status = {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      };
      return object;
    },
  };
  const full = await front.run('daemonset');
  assert.equal(full.status, 'passed', findingsIn(full)[0]?.message);
  assert.match(JSON.stringify(full.steps), /Insufficient cpu/);
});

test('two pods on one node are the fault of the controller', async (t) => {
  const front = await openFront(t);
  front.hooks.object = (object: Passing) => {
    if (object.kind === 'Node' && object.metadata.name === 'node3') return null;
    if (placed(object) && object.spec.nodeName === 'node3') object.spec.nodeName = 'node2';
    return object;
  };
  const result = await front.run('daemonset');
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['failed', 'k8s.replica_failure']);
  assert.match(finding?.message ?? '', /2 pods on node2/);
});

test('a controller that does not look is named', async (t) => {
  const front = await openFront(t, {
    object: (object: Passing) => {
      if (object.kind === 'Pod') return null;
      if (object.kind === 'DaemonSet') object.status = {};
      return object;
    },
  });
  const result = await front.run('daemonset', { eventTimeoutSeconds: 2 });
  assert.deepEqual([result.status, result.diagnosis?.component], ['failed', 'controller-manager']);
});
