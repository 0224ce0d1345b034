/**
 * Rounds of all ten suites side by side; ends with 1 when a run did not pass or anything of ours is left.
 *
 *     KUBECONFIG=… node bench/soak.ts [--rounds 10] [--event-timeout 300]
 *
 * EVENT_TIMEOUT_SECONDS is 300 unless told, since a kubelet before 1.22 can take 90 s to report a pod gone, and a rollout waits
 * for three.
 */
import { parseArgs } from 'node:util';
import type { RunResult } from '../runtime/model/result.ts';
import { openDrive, patience, supportedSuites } from '../test/cluster/drive.ts';
import { leftovers, namespacesSettled, openAdmin, removeNamespaces } from '../test/cluster/kit.ts';
import { describeRun } from '../test/cluster/say.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'event-timeout': { type: 'string', default: String(patience) },
  },
});
const prefix = 'soak';
const admin = openAdmin();
await namespacesSettled(admin, prefix);
const drive = await openDrive({ prefix, eventTimeoutSeconds: Number(values['event-timeout']) });
const results: RunResult[] = [];
let left: readonly string[] = [];
try {
  for (let round = 1; round <= Number(values.rounds); round++) {
    const began = performance.now();
    const all = [...(await drive.run(...supportedSuites)).values()];
    results.push(...all);
    const others = all.filter(({ status }) => status !== 'passed');
    console.log(
      `round ${round}: ${all.length - others.length} of ${all.length} passed in ${seconds(performance.now() - began)} s`,
    );
    for (const result of others) console.log(describeRun(result));
  }
  left = await leftovers(admin, prefix);
} finally {
  await drive.close();
  await removeNamespaces(admin, prefix);
  await admin.close();
}

console.log(
  `\n| suite | passed | fastest, s | median, s | slowest, s | API requests, median |\n|---|---|---|---|---|---|`,
);
for (const suite of supportedSuites) {
  const runs = results.filter((result) => result.suite === suite);
  const times = runs.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  const requests = runs.map(({ apiRequests }) => apiRequests.total).toSorted((a, b) => a - b);
  const passed = runs.filter(({ status }) => status === 'passed').length;
  const figures = [times[0], times[Math.floor(times.length / 2)], times.at(-1)].map((ms) => seconds(ms ?? 0));
  console.log(
    `| ${[suite, `${passed} of ${runs.length}`, ...figures, requests[Math.floor(requests.length / 2)]].join(' | ')} |`,
  );
}
console.log(`\nleft behind: ${left.join(', ') || 'nothing'}`);
if (left.length > 0 || results.some(({ status }) => status !== 'passed')) process.exitCode = 1;

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
