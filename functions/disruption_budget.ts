import { configMap, defineSuite, deployment, disruptionBudget, keeps, makes, servedApi } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Evicts a pod of a standing deployment as a drain does, sees that its PodDisruptionBudget keeps the next, until the first is replaced',
  area: 'workloads',
  requires: [servedApi('policy/v1')],
  uses: [keeps(configMap), keeps(deployment), makes(disruptionBudget, 'evict')],
  steps: [
    'Ensure ConfigMap',
    'Ensure Deployment',
    'Create PodDisruptionBudget',
    'Wait on budget',
    'Evict a pod',
    'Check next eviction is refused',
    'Wait on pods ready',
    'Wait on budget after replacement',
    'Check next eviction is allowed',
  ],
  async run(t) {
    const replicas = Math.max(2, t.settings.replicas);
    await t.step('Ensure ConfigMap', () => t.ensure(configMap()));
    const app = await t.step('Ensure Deployment', () => t.ensure(deployment({ replicas })));
    const budget = await t.step('Create PodDisruptionBudget', () =>
      t.use(disruptionBudget({ minAvailable: replicas - 1 })),
    );
    await t.step('Wait on budget', () => budget.allowsOne());
    const [, second] = await t.step('Evict a pod', async () => {
      const pods = await app.podsReady();
      await budget.evict(pods[0]!);
      return pods;
    });
    await t.check('Check next eviction is refused', () => budget.refusesToEvict(second!));
    const pods = await t.step('Wait on pods ready', () => app.podsReady());
    await t.step('Wait on budget after replacement', () => budget.allowsOne());
    await t.check('Check next eviction is allowed', () => budget.wouldEvict(pods[0]!));
  },
});
