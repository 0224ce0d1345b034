import {
  acceptedGateway,
  configMap,
  defineSuite,
  deployment,
  gateway,
  httpRoute,
  keeps,
  makes,
  routedPages,
  secondPage,
  service,
  standardPage,
} from '../runtime/index.ts';

export default defineSuite({
  description:
    'Attaches an HTTPRoute to a Gateway, requests the page through it, changes its backend without a lost request, deletes it',
  area: 'network',
  requires: [acceptedGateway()],
  uses: [keeps(configMap), keeps(deployment), keeps(service), keeps(gateway), makes(httpRoute, 'update')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'HTTP request each pod',
    'Request service by ip',
    'Ensure Gateway',
    'Wait on its address',
    'Create HTTPRoute',
    'Wait on its acceptance',
    'Request page through it',
    'Change its backend',
    'Delete HTTPRoute',
    'Check HTTPRoute deleted',
    'Check page no longer served',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service({ ports: 'both' })));
    await t.check('HTTP request each pod', async () =>
      t.http.requestEach(app.targets(await app.podsReady()), standardPage),
    );
    // A gateway need not take this way: it is asked to know whom to blame.
    await t.check('Request service by ip', () => t.http.requestService(web.byIp(), 1, standardPage));
    const edge = await t.step('Ensure Gateway', () => t.ensure(gateway()));
    await t.step('Wait on its address', () => edge.isProgrammed());
    const route = await t.step('Create HTTPRoute', () => t.use(httpRoute({ gateway: edge })));
    await t.step('Wait on its acceptance', () => route.isAccepted());
    const served = await t.step('Request page through it', () => t.http.edge.answers(route.targets(), routedPages));
    await t.check('Change its backend', () =>
      t.http.edge.follows(served, { from: standardPage, to: secondPage }, () => route.leadToSecond()),
    );
    await t.step('Delete HTTPRoute', () => route.delete());
    await t.step('Check HTTPRoute deleted', () => route.isGone());
    await t.check('Check page no longer served', () => t.http.edge.isUnserved(served, [standardPage, secondPage]));
  },
});
