import { agentImage, agents, defineSuite, makes, service } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Has an agent on every node resolve the names of a new headless service, short and whole, those of its pods, and its SRV record',
  area: 'names',
  uses: [makes(agents), makes(service)],
  requires: [agentImage()],
  steps: [
    'Create headless Service',
    'Create DaemonSet',
    'Wait on agents ready',
    'Check one agent on each node',
    'Resolve names on each node',
  ],
  async run(t) {
    // Before its pods: who asks for a name too early is told for seconds that there is none.
    const names = await t.step('Create headless Service', () => t.use(service({ headless: true, pods: 'agents' })));
    const everywhere = await t.step('Create DaemonSet', () => t.use(agents()));
    await t.step('Wait on agents ready', () => everywhere.ready());
    await t.check('Check one agent on each node', () => everywhere.oneOnEachNode());
    await t.check('Resolve names on each node', async () =>
      everywhere.judge(await t.mesh.resolve(everywhere.toAsk(), names.byHostname())),
    );
  },
});
