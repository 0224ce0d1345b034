import { agentImage, agents, defineSuite, makes, service } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Runs an agent on every node and has each ask a new service, the DNS and other agents: kube-proxy, DNS path and links of each',
  area: 'network',
  uses: [makes(agents), makes(service)],
  requires: [agentImage()],
  steps: [
    'Create DaemonSet',
    'Wait on agents ready',
    'Check one agent on each node',
    'Create Service',
    'Ask every agent',
  ],
  async run(t) {
    const mesh = await t.step('Create DaemonSet', () => t.use(agents()));
    await t.step('Wait on agents ready', () => mesh.ready());
    await t.check('Check one agent on each node', () => mesh.oneOnEachNode());
    const inFront = await t.step('Create Service', () => t.use(service({ pods: 'agents' })));
    await t.check('Ask every agent', async () => mesh.judge(await t.mesh.ask(mesh.toAsk(), inFront.byIp())));
  },
});
