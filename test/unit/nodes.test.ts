import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../runtime/defects.ts';
import { differentNodes, differentZones } from '../../runtime/kube/kinds/node.ts';
import { aPod } from '../pods.ts';

const label = 'topology.kubernetes.io/zone';
const zones = new Map([
  ['node1', 'zone-1'],
  ['node2', 'zone-2'],
  ['node3', 'zone-1'],
  ['node4', undefined],
]);
const on = (...nodes: string[]) => nodes.map((node, index) => aPod(`web-${index}`, { node }));
const codesOf = (check: () => void) => {
  try {
    check();
  } catch (error) {
    return findingsOf(error).map(({ code, message }) => `${code} ${message}`);
  }
  return [];
};

test('pods on nodes of their own pass', () => {
  assert.deepEqual(
    codesOf(() => differentNodes(on('node1', 'node2'))),
    [],
  );
});

test('pods that share a node are named, once for each node', () => {
  const found = codesOf(() => differentNodes(on('node1', 'node1', 'node2', 'node2', 'node3')));
  assert.equal(found.length, 2);
  assert.match(found[0] ?? '', /^k8s.same_node Pods web-0, web-1 share node1/);
});

test('pods on different nodes of one zone share a data centre', () => {
  const found = codesOf(() => differentZones(on('node1', 'node3'), zones, label));
  assert.match(found[0] ?? '', /^k8s.same_data_centre Pods web-0, web-1 share topology.kubernetes.io\/zone=zone-1/);
});

test('a node without the label is a finding of its own, and one that is gone lacks no label', () => {
  const found = codesOf(() => differentZones(on('node4', 'node9'), zones, label));
  assert.deepEqual(found, [
    'k8s.no_zone_label_on_node Node node4 has no label topology.kubernetes.io/zone',
    'api.not_found Node node9 is not there any more',
  ]);
});
