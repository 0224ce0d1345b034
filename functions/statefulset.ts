import { defineSuite, makes, statefulSet } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Creates a StatefulSet, sees its pods come one after another under stable names, and the highest go first',
  area: 'workloads',
  uses: [makes(statefulSet, 'scale')],
  steps: [
    'Create StatefulSet',
    'Wait on pods ready',
    'Check order of start',
    'Scale StatefulSet to 1 replica',
    'Watch pod deletion',
    'Check order of end',
    'Delete StatefulSet',
    'Check StatefulSet deleted',
    'Check pods are deleted',
  ],
  async run(t) {
    const set = await t.step('Create StatefulSet', () => t.use(statefulSet()));
    await t.step('Wait on pods ready', () => set.podsReady());
    await t.check('Check order of start', () => set.cameInOrder());
    await t.step('Scale StatefulSet to 1 replica', () => set.scale(1));
    await t.step('Watch pod deletion', () => set.podsLeft(1));
    await t.check('Check order of end', () => set.wentInOrder());
    await t.step('Delete StatefulSet', () => set.delete());
    await t.step('Check StatefulSet deleted', () => set.isGone());
    await t.step('Check pods are deleted', () => set.podsGone());
  },
});
