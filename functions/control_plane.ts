import { asks, configMap, controlPlane, defineSuite, makes } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Asks the API server whether it is ready, makes a ConfigMap and sees it on a watch, tries admission, and sees who leads renew their leases',
  area: 'control plane',
  uses: [makes(configMap), asks(controlPlane)],
  steps: [
    'Check readiness',
    'Compare clocks',
    'Check registered APIs',
    'Watch ConfigMaps',
    'Create ConfigMap',
    'See it on the watch',
    'Try admission',
    'Delete ConfigMap',
    'Check ConfigMap deleted',
    'Check latency',
    'Watch leases of leaders',
  ],
  async run(t) {
    const plane = t.find(controlPlane());
    await t.check('Check readiness', () => plane.isReady());
    await t.check('Compare clocks', () => plane.clockIsOurs());
    await t.check('Check registered APIs', () => plane.apisAreAvailable());
    const shown = await t.step('Watch ConfigMaps', () => plane.watchesConfigMaps());
    const page = await t.step('Create ConfigMap', () => plane.writes(() => t.use(configMap())));
    await t.check('See it on the watch', () => shown());
    await t.check('Try admission', () => plane.admits());
    await t.step('Delete ConfigMap', () => plane.writes(() => page.delete()));
    await t.step('Check ConfigMap deleted', () => plane.reads(() => page.isGone()));
    await t.check('Check latency', () => plane.isQuick());
    await t.check('Watch leases of leaders', () => plane.isLed());
  },
});
