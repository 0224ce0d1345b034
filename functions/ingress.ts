import {
  configMap,
  defineSuite,
  deployment,
  ingress,
  ingressClass,
  keeps,
  makes,
  routedPages,
  secondPage,
  service,
  standardPage,
} from '../runtime/index.ts';

export default defineSuite({
  description:
    'Makes an Ingress, requests the page through its controller, changes its backend without a lost request, deletes it',
  area: 'network',
  requires: [ingressClass()],
  uses: [keeps(configMap), keeps(deployment), keeps(service), makes(ingress, 'update')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'HTTP request each pod',
    'Request service by ip',
    'Create Ingress',
    'Wait on its address',
    'Request page through it',
    'Change its backend',
    'Delete Ingress',
    'Check Ingress deleted',
    'Check page no longer served',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service({ ports: 'both' })));
    await t.check('HTTP request each pod', async () =>
      t.http.requestEach(app.targets(await app.podsReady()), standardPage),
    );
    // Whoever serves an Ingress need not take this way: it is asked to know whom to blame.
    await t.check('Request service by ip', () => t.http.requestService(web.byIp(), 1, standardPage));
    const route = await t.step('Create Ingress', () => t.use(ingress()));
    await t.step('Wait on its address', () => route.hasAddress());
    const served = await t.step('Request page through it', () => t.http.edge.answers(route.targets(), routedPages));
    await t.check('Change its backend', () =>
      t.http.edge.follows(served, { from: standardPage, to: secondPage }, () => route.leadToSecond()),
    );
    await t.step('Delete Ingress', () => route.delete());
    await t.step('Check Ingress deleted', () => route.isGone());
    await t.check('Check page no longer served', () => t.http.edge.isUnserved(served, [standardPage, secondPage]));
  },
});
