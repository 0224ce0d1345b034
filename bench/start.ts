/**
 * What a newcomer waits for: from `npm ci` and `npm start` to all suites green on the sandbox, in a fresh clone; then a second `npm start`
 * against `node dist/cli.js serve`, in pairs. Ends with 1 where the second start takes more than 1.15 of that.
 *
 *     node bench/start.ts [starts to compare, default 3]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Health } from '../runtime/model/health.ts';
import { freePort } from './measure.ts';

const mostRatio = 1.15;
const starts = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'start-'));
const clone = join(folder, 'clone');
/** As a newcomer has it: without this process's own node_modules/.bin. */
const PATH = (process.env.PATH ?? '')
  .split(':')
  .filter((part) => !part.includes('node_modules'))
  .join(':');

try {
  execFileSync('git', ['clone', '--quiet', '--local', join(import.meta.dirname, '..'), clone]);
  const began = performance.now();
  execFileSync('npm', ['ci'], { cwd: clone, env: { ...process.env, PATH }, stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = performance.now();
  const first = await untilGreen('npm', ['start']);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  console.log(`npm ci                             ${seconds(installed - began)}`);
  console.log(`npm start, to all suites green     ${seconds(first)}`);
  console.log(`both                               ${seconds(installed - began + first)}`);
  const startAgain = () => untilGreen('npm', ['start']);
  const startBare = () => untilGreen(join(clone, 'node_modules/.bin/node'), ['dist/cli.js', 'serve']);
  const again: number[] = [];
  const bare: number[] = [];
  for (let start = 0; start < starts; start++) {
    const pair = [await startAgain(), await startBare()] as const;
    again.push(pair[0]);
    bare.push(pair[1]);
    console.log(
      `pair ${start + 1}: npm start, node dist/cli.js   ${seconds(pair[0])}, ${seconds(pair[1])}, ${(pair[0] / pair[1]).toFixed(2)}`,
    );
  }
  // Whatever else the machine does only adds: the least is what a start takes.
  const [leastAgain, leastBare] = [Math.min(...again), Math.min(...bare)];
  const ratio = leastAgain / leastBare;
  console.log(`npm start again                    ${seconds(leastAgain)}`);
  console.log(`node dist/cli.js serve             ${seconds(leastBare)}`);
  console.log(`ratio                              ${ratio.toFixed(2)}, at most ${mostRatio}`);
  process.exitCode = ratio <= mostRatio ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds from the command to all suites green; the process is ended. */
async function untilGreen(command: string, words: readonly string[]): Promise<number> {
  const port = await freePort();
  const { HOME } = process.env;
  const env = { PATH, HOME, HOST: '127.0.0.1', PORT: String(port) };
  const began = performance.now();
  const child = spawn(command, words, { cwd: clone, env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    while (!(await isGreen(`http://127.0.0.1:${port}/health`))) {
      if (child.exitCode !== null) throw new Error(`${command} ${words.join(' ')} ended with ${child.exitCode}`);
      await pause(20);
    }
    return performance.now() - began;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function isGreen(url: string): Promise<boolean> {
  const reply = await fetch(url).catch(() => undefined);
  return ((await reply?.json().catch(() => undefined)) as Health | undefined)?.status === 'passing';
}
