import { configMap, defineSuite, deployment, keeps } from '../runtime/index.ts';

export default defineSuite({
  description: 'Updates a standing deployment to another image and sees every pod replaced',
  area: 'workloads',
  uses: [keeps(configMap), keeps(deployment)],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Update deployment',
    'Wait on rollout',
    'Check old pods are deleted',
    'Check all pods run the new image',
    'Put back deployment',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    await t.step('Update deployment', () => app.update({ image: 'second' }));
    await t.step('Wait on rollout', () => app.rolledOut());
    await t.step('Check old pods are deleted', () => app.oldPodsGone());
    await t.check('Check all pods run the new image', () => app.podsRun('second'));
    await t.step('Put back deployment', () => t.ensure(deployment()));
  },
});
