/**
 * Rounds of all suites on a sandbox with the disturbances that a healthy cluster has: none may be red, and none may have a
 * diagnosis or a headline. Prints the figures, every 100 rounds with the memory that is in use after a garbage collection; ends
 * with 1 where a run was red.
 *
 *     node --expose-gc bench/green-rounds.ts [rounds, default 1000] [sandboxes side by side, default 1]
 */
import { headlineOf } from '../runtime/diagnosis/headline.ts';
import type { RunResult } from '../runtime/model/result.ts';
import { type FaultName, type FaultOptions, startSandbox } from '../sandbox/index.ts';
import { allSuites, openDrive } from '../test/cluster/drive.ts';

/** In turn, one a round; undefined: a quiet round. */
const disturbances: readonly (readonly [FaultName, FaultOptions] | undefined)[] = [
  undefined,
  ['watch-drop', {}],
  ['watch-gone', {}],
  ['quota-contended', {}],
  ['api-429', {}],
  ['api-503', { share: 0.2 }],
  ['api-slow', { seconds: 0.1 }],
  ['api-reset', { share: 0.1 }],
  ['api-down', { seconds: 1 }],
];

const [rounds = 1000, sandboxes = 1] = process.argv.slice(2).map(Number);
const began = performance.now();
let next = 0;
let runs = 0;
let reported = 0;

function report(line: string): void {
  reported++;
  console.log(line);
}

async function work(): Promise<void> {
  const sandbox = await startSandbox();
  const drive = await openDrive({
    prefix: 'green',
    env: {
      KUBECONFIG: sandbox.kubeconfigPath,
      PROBE_PROXY: sandbox.probeProxy,
      DNS_SERVERS: sandbox.dnsServers.join(','),
      AGENT_IMAGE: sandbox.agentImage,
      PULL_IMAGE: sandbox.pullImage,
    },
  });
  for (let round = next++; round < rounds; round = next++) {
    const disturbance = disturbances[round % disturbances.length];
    if (disturbance) sandbox.faults.set(disturbance[0], { ...disturbance[1] });
    const results = [...(await drive.run(...allSuites)).values()];
    if (disturbance) sandbox.faults.set(disturbance[0], false);
    runs += results.length;
    note(round, disturbance?.[0] ?? 'quiet', results);
  }
  await drive.close();
  await sandbox.close();
}

function note(round: number, disturbance: string, results: readonly RunResult[]): void {
  const headline = headlineOf(results);
  for (const { suite, status, diagnosis } of results) {
    if (status === 'passed' && !diagnosis) continue;
    report(`round ${round}, ${disturbance}: ${suite} ${status}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  }
  if (headline) report(`round ${round}, ${disturbance}: headline ${headline.component}`);
  if ((round + 1) % 100 === 0) console.log(`${round + 1} rounds, ${reported} with something to say, ${memory()}`);
}

function memory(): string {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return `heap ${Math.round(heapUsed / 1e6)} MB, resident ${Math.round(rss / 1e6)} MB`;
}

await Promise.all(Array.from({ length: sandboxes }, work));
const seconds = (performance.now() - began) / 1000;
console.log(`${rounds} rounds, ${runs} runs in ${seconds.toFixed(0)} s: ${reported} red runs, diagnoses or headlines`);
process.exitCode = reported > 0 ? 1 : 0;
