import { configMap, defineSuite, deployment, makes } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Creates a deployment, waits for its pods, checks that they are spread, deletes it and sees every pod go',
  area: 'workloads',
  uses: [makes(configMap), makes(deployment)],
  steps: [
    'Create ConfigMap',
    'Create Deployment',
    'Check Deployment exists',
    'Wait on pod scheduling',
    'Wait on pods ready',
    'Check pods on different nodes',
    'Check pods on different data centres',
    'Delete Deployment',
    'Check Deployment deleted',
    'Watch pod deletion',
    'Check pods are deleted',
    'Delete ConfigMap',
    'Check ConfigMap deleted',
  ],
  async run(t) {
    const page = await t.step('Create ConfigMap', () => t.use(configMap()));
    const app = await t.step('Create Deployment', () => t.use(deployment()));
    await t.step('Check Deployment exists', () => app.exists());
    await t.step('Wait on pod scheduling', () => app.podsScheduled());
    const pods = await t.step('Wait on pods ready', () => app.podsReady());
    await t.check('Check pods on different nodes', () => app.podsOnDifferentNodes(pods));
    await t.check('Check pods on different data centres', async (again) =>
      app.podsOnDifferentDataCentres(again ? await app.podsReady() : pods),
    );
    await t.step('Delete Deployment', () => app.delete());
    await t.step('Check Deployment deleted', () => app.isGone());
    await t.step('Watch pod deletion', () => app.podsGone());
    await t.step('Check pods are deleted', () => app.noPodsListed());
    await t.step('Delete ConfigMap', () => page.delete());
    await t.step('Check ConfigMap deleted', () => page.isGone());
  },
});
