import { configMap, defineSuite, deployment, keeps, makes, nodes, service, standardPage } from '../runtime/index.ts';

export default defineSuite({
  description: 'Makes a service of type NodePort and requests it at the address of every node: the kube-proxy of each',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment), makes(service, 'nodePort')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Create Service',
    'HTTP request each pod',
    'Request service by ip',
    'Request port of each node',
    'Delete Service',
    'Check Service deleted',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Create Service', () => t.use(service({ type: 'NodePort', pods: 'standing' })));
    await t.check('HTTP request each pod', async () =>
      t.http.requestEach(app.targets(await app.podsReady()), standardPage),
    );
    await t.check('Request service by ip', () => t.http.requestService(web.byIp(), 1, standardPage));
    const all = t.find(nodes());
    await t.check('Request port of each node', async () => {
      const silent = await t.http.awaitEach(web.byNode(await all.toAsk()), standardPage);
      await all.judge(silent, t.http.answered);
    });
    await t.step('Delete Service', () => web.delete());
    await t.step('Check Service deleted', () => web.isGone());
  },
});
