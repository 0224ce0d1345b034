/** `kube-e2etests agent`: the process in the agents of node_mesh and pod_dns. It has no API client, no token and no settings but these. */
import { createServer } from 'node:http';
import { createAgent } from './agent.ts';
import { agentPort, agentVariables } from './contract.ts';
import { waysOfPod } from './ways.ts';

/** Listens until it is told to end, and then ends at once. Returns the exit code: 2 where it was not started by the suite. */
export async function runAgent(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { [agentVariables.key]: key, [agentVariables.node]: node } = env;
  if (!key || !node) {
    process.stderr.write(
      `kube-e2etests agent: ${agentVariables.key} and ${agentVariables.node} are not set; suites node_mesh and pod_dns start agents in their DaemonSets, nobody else does\n`,
    );
    return 2;
  }
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000 },
    createAgent({ key, node, ways: waysOfPod() }),
  );
  server.maxConnections = 256;
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(agentPort, resolve);
  });
  await ended;
  server.closeAllConnections();
  server.close();
  return 0;
}
