/** A node that is cordoned: every pod on the cluster would notice. */
import { test } from 'node:test';
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { table } from '../../tables.ts';
import { type Break, breaksHead, diagnosed } from '../breaks.ts';
import { noCluster } from '../kit.ts';

const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

const cordoned: Break = {
  what: 'a node cordoned so that a zone is missing',
  key: 'cordon',
  component: 'capacity',
  part: 'node3',
  red: ['deployment'],
  make: async ({ core }) => {
    const cordon = (unschedulable: boolean) =>
      core.patchNode({ name: 'node3', body: { spec: { unschedulable } } }, merge);
    await cordon(true);
    return () => cordon(false);
  },
};

test('a node cordoned so that a zone is missing: capacity', { skip: noCluster }, async (t) => {
  table('docs/diagnosis.md', 'cordon', breaksHead, [await diagnosed(t, cordoned)]);
});
