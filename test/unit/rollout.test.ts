import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotMakePods, replicaFailure, rolledOut } from '../../runtime/kube/kinds/rollout.ts';
import type { DeploymentView } from '../../runtime/model/evidence.ts';
import { aDeployment } from '../pods.ts';

const unfinished: readonly [string, Partial<DeploymentView> | undefined, RegExp][] = [
  ['whose new generation nobody has observed', { generation: 3 }, /generation 3 is not observed yet/],
  ['with pods not updated', { updated: 1 }, /1 of 3 pods updated/],
  ['with old pods left', { replicas: 4 }, /1 old pods not terminated yet/],
  ['with updated pods that are not available', { available: 2 }, /2 of 3 updated pods available/],
];

for (const [name, changes, why] of unfinished) {
  test(`a deployment ${name} is not rolled out`, () => {
    const look = rolledOut(aDeployment(changes));
    assert.equal(look.done, false);
    assert.match(look.done ? '' : look.why, why);
  });
}

test('a deployment that is not there is not rolled out', () => {
  assert.equal(rolledOut(undefined).done, false);
});

test('observed, updated, old ones gone, available: rolled out', () => {
  assert.equal(rolledOut(aDeployment()).done, true);
});

test('a deployment scaled to 0 is rolled out when no pod is counted any more', () => {
  const none = { wanted: 0, replicas: 0, updated: 0, ready: 0, available: 0 };
  assert.equal(rolledOut(aDeployment(none)).done, true);
  assert.equal(rolledOut(aDeployment({ ...none, replicas: 1 })).done, false);
});

test("the controller's word that it cannot make pods counts only while it stands", () => {
  const condition = { type: 'ReplicaFailure', message: 'pods is forbidden: exceeded quota: tight' };
  assert.equal(
    replicaFailure(aDeployment({ conditions: [{ ...condition, status: 'True' }] })),
    'pods is forbidden: exceeded quota: tight',
  );
  assert.equal(replicaFailure(aDeployment({ conditions: [{ ...condition, status: 'False' }] })), undefined);
});

test('that it cannot make the replica set is its word too', () => {
  const condition = {
    type: 'Progressing',
    reason: 'ReplicaSetCreateError',
    message: 'exceeded quota: sets, requested',
  };
  assert.match(replicaFailure(aDeployment({ conditions: [{ ...condition, status: 'False' }] })) ?? '', /quota: sets/);
  assert.equal(replicaFailure(aDeployment({ conditions: [{ ...condition, status: 'True' }] })), undefined);
});

test('a quota or a Pod Security rule that refuses pods is ours to mend, a dead webhook is the fault of the cluster', () => {
  const blameOf = (message: string) => cannotMakePods('deployment/web', message).finding.blame;
  assert.equal(blameOf('pods "web-" is forbidden: exceeded quota: tight, requested: pods=1, used: pods=3'), 'us');
  assert.equal(blameOf('pods "web-" is forbidden: violates PodSecurity "restricted:latest"'), 'us');
  for (const message of [
    'pods "web-" is forbidden: minimum cpu usage per Container is 50m, but request is 10m',
    'pods "web-" is forbidden: failed quota: q: must specify limits.cpu',
    'admission webhook "labels.example.com" denied the request: no owner label',
    "pods \"web-\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no owner label",
  ])
    assert.equal(blameOf(message), 'us', message);
  assert.equal(
    blameOf('Internal error occurred: failed calling webhook "deny.example.com": connection refused'),
    'cluster',
  );
});
