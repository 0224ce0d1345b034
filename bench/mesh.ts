/**
 * What asking agents costs this process, by the number of nodes: agents are stubs that answer after 50 ms, and one node is cut off.
 *   node --expose-gc bench/mesh.ts
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentReport } from '../agent/contract.ts';
import { askRounds } from '../runtime/mesh/rounds.ts';

const answerMs = 50;
const eventTimeoutMs = 10_000;
const cut = 'n7';

const heapMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

for (const nodes of [250, 1_000, 5_000]) {
  const members = Array.from({ length: nodes }, (_, index) => ({
    node: `n${index}`,
    pod: `kubee2etestapp-agents-${index}`,
    host: `10.${index >> 8}.${index & 255}.2`,
  }));
  const before = heapMb();
  let asked = 0;
  let roundMs = 0;
  const began = performance.now();
  const { seen, troubles, afterMs } = await askRounds(members, '10.96.0.7', {
    ask: async ({ node }, { peers }): Promise<AgentReport> => {
      asked += 1;
      await pause(answerMs);
      if (asked >= nodes && roundMs === 0) roundMs = performance.now() - began;
      const look = (to: string) =>
        node === cut || to === cut
          ? { node: to, answered: 0, slow: 5, ms: 2_500, why: 'timeout' }
          : { node: to, answered: 5, slow: 0, ms: 2, large: { ms: 3 } };
      return { node, service: { ms: 3 }, dns: { ms: 2 }, peers: peers.map(({ node: to }) => look(to)), lagMs: 0 };
    },
    eventTimeoutMs,
    signal: new AbortController().signal,
    waiting: () => {},
  });
  const figures = [
    `${nodes} nodes`,
    `${seen.ways.length} ways`,
    `first round ${(roundMs / 1000).toFixed(1)} s`,
    `verdict ${(afterMs / 1000).toFixed(1)} s`,
    `${asked} requests`,
    `${(heapMb() - before).toFixed(1)} MB kept`,
    troubles.map(({ code, nodes: named }) => `${code} ${named.join()}`).join('; ') || 'nothing found',
  ];
  console.log(figures.join(', '));
}
