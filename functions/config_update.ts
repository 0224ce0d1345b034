import { configMap, defineSuite, deployment, makes, mounted, secret } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Changes a ConfigMap and a Secret that running pods have mounted, and sees each pod serve the new content',
  area: 'workloads',
  uses: [makes(configMap, 'update'), makes(secret, 'update'), makes(deployment, 'touch')],
  steps: [
    'Create ConfigMap',
    'Create Secret',
    'Create Deployment',
    'Wait on pods ready',
    'HTTP request each pod',
    'Update ConfigMap',
    'Update Secret',
    'Wait on new content in pods',
    'Check pods ran on',
  ],
  async run(t) {
    const before = `kube-e2etests: this page came with run ${t.run.id}\n`;
    const after = `kube-e2etests: this page came later in run ${t.run.id}\n`;
    const page = await t.step('Create ConfigMap', () => t.use(configMap({ page: before })));
    const hidden = await t.step('Create Secret', () => t.use(secret({ page: before })));
    const app = await t.step('Create Deployment', () => t.use(deployment({ secret: true })));
    const pods = await t.step('Wait on pods ready', () => app.podsReady());
    const bothOf = (some: typeof pods) =>
      app.targets(some).flatMap((target) => [target, { ...target, path: hidden.path }]);
    await t.step('HTTP request each pod', () => t.http.requestEach(bothOf(pods), before));
    await t.step('Update ConfigMap', () => page.update(after));
    await t.step('Update Secret', () => hidden.update(after));
    await t.step('Wait on new content in pods', async (again) => {
      const now = again ? await app.podsReady() : pods;
      const files = t.find(mounted(now));
      await files.touch();
      // A kubelet that the touch did not reach looks by itself within 90 s.
      files.judge(await t.http.awaitEach(bothOf(now), after, { untilRight: true, patience: 2 }));
    });
    await t.check('Check pods ran on', () => t.find(mounted(pods)).ranOn());
  },
});
