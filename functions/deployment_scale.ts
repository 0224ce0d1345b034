import { configMap, defineSuite, deployment, keeps } from '../runtime/index.ts';

export default defineSuite({
  description: 'Scales a standing deployment to 0 and sees every pod marked for deletion and go',
  area: 'workloads',
  uses: [keeps(configMap), keeps(deployment, 'scale')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Scale deployment to 0 replicas',
    'Check pods are marked for deletion',
    'Watch pod deletion',
    'Check pods are deleted',
    'Put back deployment',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    await t.step('Scale deployment to 0 replicas', () => app.scale(0));
    await t.step('Check pods are marked for deletion', () => app.podsMarkedForDeletion());
    await t.step('Watch pod deletion', () => app.podsGone());
    await t.step('Check pods are deleted', () => app.noPodsListed());
    await t.step('Put back deployment', () => t.ensure(deployment()));
  },
});
