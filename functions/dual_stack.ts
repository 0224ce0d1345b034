import {
  configMap,
  defineSuite,
  deployment,
  dualStack,
  keeps,
  makes,
  service,
  standardPage,
} from '../runtime/index.ts';

export default defineSuite({
  description: 'Makes a service with an address of IPv4 and one of IPv6, and requests it and its pods at both',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment), makes(service)],
  requires: [dualStack()],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Create Service',
    'Check pods have both addresses',
    'HTTP request each pod by IPv4',
    'HTTP request each pod by IPv6',
    'Request service by IPv4',
    'Request service by IPv6',
    'Delete Service',
    'Check Service deleted',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap({ families: 'both' })));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment({ families: 'both' })));
    const web = await t.step('Create Service', () => t.use(service({ families: 'both', pods: 'standing' })));
    await t.check('Check pods have both addresses', async () => app.podsHaveBothFamilies(await app.podsReady()));
    for (const family of ['IPv4', 'IPv6'] as const)
      await t.check(`HTTP request each pod by ${family}`, async () =>
        t.http.requestEach(app.targets(await app.podsReady(), family), standardPage, { settling: true }),
      );
    for (const family of ['IPv4', 'IPv6'] as const)
      await t.check(`Request service by ${family}`, async () =>
        t.http.requestService(web.byIp(family), 1, standardPage),
      );
    await t.step('Delete Service', () => web.delete());
    await t.step('Check Service deleted', () => web.isGone());
  },
});
