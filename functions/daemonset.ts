import { daemonSet, defineSuite, makes } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Creates a DaemonSet, sees one Ready pod on every node that it fits and none elsewhere, and sees them go',
  area: 'workloads',
  uses: [makes(daemonSet)],
  steps: [
    'Create DaemonSet',
    'Wait on pods ready',
    'Check one pod on each node',
    'Delete DaemonSet',
    'Check DaemonSet deleted',
    'Watch pod deletion',
  ],
  async run(t) {
    const everywhere = await t.step('Create DaemonSet', () => t.use(daemonSet()));
    const pods = await t.step('Wait on pods ready', () => everywhere.podsReady());
    await t.check('Check one pod on each node', () => everywhere.podsWhereTheyFit(pods));
    await t.step('Delete DaemonSet', () => everywhere.delete());
    await t.step('Check DaemonSet deleted', () => everywhere.isGone());
    await t.step('Watch pod deletion', () => everywhere.podsGone());
  },
});
