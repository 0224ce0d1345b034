/** Agents in the sandbox, asked as a run asks them. */
import { ProxyAgent, request } from 'undici';
import { type AgentReport, agentPort, agentVariables, paths } from '../../agent/contract.ts';
import { newKey, signed } from '../../agent/signature.ts';
import { type Bench, eventually, home, isReady } from './kit.ts';

/** A DaemonSet of agents with a service in front, in namespace `t`; returns how each is asked about the others. */
export async function startAgents(api: Bench): Promise<(node: string) => Promise<AgentReport>> {
  const { core, apps } = home('t');
  const key = newKey();
  const labels = { app: 'agents' };
  const env = [{ name: agentVariables.key, value: key }];
  const container = { name: 'agent', image: api.sandbox.agentImage, env, ports: [{ containerPort: agentPort }] };
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${apps}/daemonsets`, {
    metadata: { name: 'agents' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
  const pods = await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  const { body: made } = await api.post(`${core}/services`, {
    metadata: { name: 'agents' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: agentPort, protocol: 'TCP' }] },
  });
  const all = pods.map(({ spec, status }) => ({ node: String(spec.nodeName), host: String(status.podIP) }));
  const ask = async (node: string): Promise<AgentReport> => {
    const host = all.find((one) => one.node === node)?.host;
    const peers = all.filter((one) => one.node !== node);
    const body = JSON.stringify({ service: made.spec.clusterIP, peers, withinMs: 1_000 });
    const headers = signed(key, { method: 'POST', path: paths.ask, body });
    const dispatcher = new ProxyAgent({ uri: api.sandbox.probeProxy, proxyTunnel: true });
    try {
      const url = `http://${host}:${agentPort}${paths.ask}`;
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      return (await answer.body.json()) as AgentReport;
    } finally {
      await dispatcher.destroy();
    }
  };
  // A service works a moment after its endpoints are there.
  await eventually(async () => {
    if ((await ask('node1')).service.why) throw new Error('not yet');
  });
  return ask;
}

/** What is wrong in a report, in words: `service`, `dns`, the node that is not reached, or whose large answers are lost. */
export function wrongIn({ service, dns, peers }: AgentReport): readonly string[] {
  return [
    ...(service.why ? ['service'] : []),
    ...(dns.why ? ['dns'] : []),
    ...peers.filter(({ answered }) => answered === 0).map(({ node }) => node),
    ...peers.filter(({ large }) => large?.why).map(({ node }) => `large from ${node}`),
  ].sort();
}
