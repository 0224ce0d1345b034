import { configMap, defineSuite, deployment, keeps, service, validateLogs } from '../runtime/index.ts';

export default defineSuite({
  description: 'Updates image and page of a standing deployment and sees pods and service answer with the new page',
  area: 'network',
  uses: [keeps(configMap), keeps(deployment), keeps(service)],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Ensure Service',
    'Update deployment',
    'Wait on rollout',
    'Check all pods run the new image',
    'HTTP request each pod',
    'Request service by ip 2N times',
    'Request service by hostname 2N times',
    'Validate pod logs',
    'Put back deployment',
  ],
  async run(t) {
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment()));
    const web = await t.step('Ensure Service', () => t.ensure(service()));
    const page = `kube-e2etests: this page came with run ${t.run.id}\n`;
    await t.step('Update deployment', async () => {
      await t.ensure(configMap({ page }));
      await app.update({ image: 'second', revision: t.run.id });
    });
    await t.step('Wait on rollout', () => app.rolledOut());
    const twice = 2 * t.settings.replicas;
    await t.check('Check all pods run the new image', () => app.podsRun('second'));
    const requestPods = async () => t.http.requestEach(app.targets(await app.podsReady()), page);
    await t.check('HTTP request each pod', requestPods);
    await t.check('Request service by ip 2N times', () =>
      t.http.requestService(web.byIp(), twice, page, { settling: true }),
    );
    await t.check('Request service by hostname 2N times', () =>
      t.http.requestService(web.byHostname(), twice, page, { settling: true }),
    );
    await t.check('Validate pod logs', (again) =>
      validateLogs(() => app.logs(), t.http.answered, again ? requestPods : undefined, again),
    );
    await t.step('Put back deployment', async () => {
      await t.ensure(configMap());
      await t.ensure(deployment());
    });
  },
});
