import { configMap, defineSuite, deployment, keeps, service } from '../runtime/index.ts';

export default defineSuite({
  description: 'Scales the deployment behind a service to 0 and back, and sees the endpoints follow',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment, 'scale'), keeps(service, 'endpoints')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'Scale deployment to 0 replicas',
    'Read service endpoints (0)',
    'Put back deployment',
    'Read service endpoints (N)',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service()));
    await t.step('Scale deployment to 0 replicas', () => app.scale(0));
    await t.step('Read service endpoints (0)', () => web.endpointsAre([]));
    const restored = await t.step('Put back deployment', () => t.ensure(deployment()));
    await t.step('Read service endpoints (N)', async () => web.endpointsAre(await restored.podsReady()));
  },
});
