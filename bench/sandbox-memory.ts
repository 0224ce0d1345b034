/**
 * Resident memory of `serve` on the sandbox with all suites back to back, every minute. Ends with 1 above 200 MB.
 *
 *     npm run build && node bench/sandbox-memory.ts --minutes 60
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { residentMb } from './measure.ts';

const limitMb = 200;
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const { PATH, HOME } = process.env;
const env = { PATH, HOME, CLUSTER: 'sandbox', SECONDS_BETWEEN_RUNS: '0', HOST: '127.0.0.1', PORT: '0' };
const child = spawn(process.execPath, [join(import.meta.dirname, '../dist/cli.js'), 'serve'], { env });
process.once('exit', () => child.kill('SIGKILL'));
let url = '';
let runs = 0;
createInterface({ input: child.stdout }).on('line', (line) => {
  url ||= /"url":"(http[^"]+)"/.exec(line)?.[1] ?? '';
  if (line.includes('"suite"')) runs += 1;
});
while (!url) await pause(50);

console.log('| minute | resident, MB | peak, MB | lines of runs in the log |\n|---|---|---|---|');
for (let minute = 1; minute <= Number(values.minutes); minute++) {
  await pause(60_000);
  const pid = child.pid ?? 0;
  console.log(`| ${minute} | ${residentMb(pid, 'VmRSS')} | ${residentMb(pid, 'VmHWM')} | ${runs} |`);
  if (residentMb(pid, 'VmRSS') > limitMb) process.exitCode = 1;
}
child.kill('SIGTERM');
await once(child, 'exit');
