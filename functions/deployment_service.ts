import { configMap, defineSuite, deployment, keeps, service } from '../runtime/index.ts';

export default defineSuite({
  description: 'Finds every ready pod of a standing deployment among the endpoints of its service',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment), keeps(service, 'endpoints')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'Wait on pods ready',
    'Read service endpoints (N)',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service()));
    const pods = await t.step('Wait on pods ready', () => app.podsReady());
    await t.step('Read service endpoints (N)', async (again) => web.endpointsAre(again ? await app.podsReady() : pods));
  },
});
