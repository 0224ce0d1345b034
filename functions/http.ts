import { configMap, defineSuite, deployment, keeps, service, standardPage, validateLogs } from '../runtime/index.ts';

export default defineSuite({
  description: 'Requests the page from every pod and from the service, and finds each request in the pod logs',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment), keeps(service)],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'HTTP request each pod',
    'Request service by ip 2N times',
    'Request service by hostname 2N times',
    'Validate pod logs',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service()));
    const twice = 2 * t.settings.replicas;
    const requestPods = async () => t.http.requestEach(app.targets(await app.podsReady()), standardPage);
    await t.check('HTTP request each pod', requestPods);
    // Pods that were replaced meanwhile are behind the service for a moment longer.
    await t.check('Request service by ip 2N times', (again) =>
      t.http.requestService(web.byIp(), twice, standardPage, { settling: again }),
    );
    await t.check('Request service by hostname 2N times', (again) =>
      t.http.requestService(web.byHostname(), twice, standardPage, { settling: again }),
    );
    await t.check('Validate pod logs', (again) => validateLogs(() => app.logs(), t.http.answered, requestPods, again));
  },
});
