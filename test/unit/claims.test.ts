/** What claims and their volumes show, and what logs say of their content. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Defect } from '../../runtime/defects.ts';
import { bytesOf, claimState, expansionOf, oneMoreGi, phaseOf } from '../../runtime/kube/kinds/claim-state.ts';
import { holds, type Said, scripts, wrote } from '../../runtime/kube/kinds/volume-content.ts';

const claim = (capacity: string, status: object = {}) => ({
  spec: { volumeName: 'pvc-1', storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } },
  status: { phase: 'Bound', capacity: { storage: capacity }, ...status },
});

test('quantities of storage are read in every unit that the API gives', () => {
  for (const [quantity, bytes] of [
    ['1Gi', 1024 ** 3],
    ['1024Mi', 1024 ** 3],
    ['1G', 1e9],
    ['1.5Ti', 1.5 * 1024 ** 4],
    ['1073741824', 1024 ** 3],
    ['5e3', 5_000],
    ['a lot', 0],
  ] as const)
    assert.equal(bytesOf(quantity), bytes, quantity);
});

test('what is asked for is more than what is there, however that is rounded', () => {
  assert.deepEqual(['1Gi', '1G', '10Gi', '1536Mi'].map(oneMoreGi), ['2Gi', '2Gi', '11Gi', '3Gi']);
});

test('a claim has grown by its capacity alone; before a pod mounts it what its node does is left out', () => {
  const pending = claim('1Gi', { conditions: [{ type: 'FileSystemResizePending', status: 'True' }] });
  const onNode = claim('1Gi', { allocatedResourceStatuses: { storage: 'NodeResizePending' } });
  const said = { type: 'Resizing', status: 'True', message: 'waiting for the cloud' };
  const unused = { type: 'Unused', status: 'True', message: 'No pods are currently referencing this PVC' };
  for (const seen of [pending, onNode]) {
    assert.equal(expansionOf(seen, '2Gi', true).done, true);
    assert.equal(expansionOf(seen, '2Gi', false).done, false);
  }
  assert.equal(expansionOf(claim('2G'), '2Gi', true).done, false);
  assert.equal(expansionOf(claim('2048Mi'), '2Gi', false).done, true);
  const look = expansionOf(claim('1Gi', { conditions: [said, unused] }), '2Gi', true);
  assert.equal(look.done ? '' : look.why, 'it has 1Gi; Resizing: waiting for the cloud');
});

test('a claim in one phrase', () => {
  assert.equal(claimState(claim('1Gi')), 'Bound to pvc-1, 1Gi, asked to be 2Gi, class fast');
  assert.equal(claimState(claim('2Gi')), 'Bound to pvc-1, 2Gi, class fast');
  assert.equal(claimState({ spec: {} }), 'Pending, class none');
  assert.equal(phaseOf({ status: { phase: 'Lost' } }), 'its volume is gone (Lost)');
  assert.equal(phaseOf(undefined), 'it is not there');
});

const of = { title: 'persistentvolumeclaim/web', ref: { kind: 'persistentvolumeclaim', name: 'web', namespace: 'ns' } };
const [, heading = ''] = /echo "([^"]+)"/.exec(scripts.read) ?? [];
const said = (node: string, ...lines: readonly string[]): Said => ({ lines, pods: ['a'], nodes: [node] });
const written = said('node1', heading, 'mine');

function thrown(act: () => void) {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof Defect);
    return [error.finding.code, error.finding.message] as const;
  }
  return undefined;
}

test('content is compared by its line: of another run, of none, and of a log that is not the whole', () => {
  assert.equal(
    thrown(() => holds(of, 'mine', written, said('node2', heading, 'mine'))),
    undefined,
  );
  const [code, message] = thrown(() => holds(of, 'mine', written, said('node2', heading, 'of another run'))) ?? [];
  assert.equal(code, 'k8s.data_lost');
  assert.equal(
    message,
    'persistentvolumeclaim/web: "mine" was written on node1, and on node2 there was "of another run"',
  );
  assert.match(thrown(() => holds(of, 'mine', written, said('node2', heading)))?.[1] ?? '', /there was nothing$/);
  // Without the first line nobody knows whether the others are there.
  for (const lines of [[], ['mine']])
    assert.equal(thrown(() => holds(of, 'mine', written, said('node2', ...lines)))?.[0], 'k8s.log_incorrect');
});

test('a volume that cannot be written is told from one that our user may not write', () => {
  assert.equal(
    thrown(() => wrote(of, 'mine', written)),
    undefined,
  );
  const readOnly = "sh: can't create /volume/x: Read-only file system";
  assert.equal(thrown(() => wrote(of, 'mine', said('node1', heading, readOnly)))?.[0], 'k8s.volume_unwritable');
  const denied = 'sh: 1: cannot create /volume/x: Permission denied';
  const [code, why] = thrown(() => wrote(of, 'mine', said('node1', heading, denied))) ?? [];
  assert.equal(code, 'k8s.prerequisite_missing');
  assert.match(why ?? '', /fsGroup.*STORAGE_CLASS/);
  assert.equal(thrown(() => wrote(of, 'mine', said('node1')))?.[0], 'k8s.log_incorrect');
});
