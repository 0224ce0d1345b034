/**
 * From the start of the process to its first answered request, the bundle against a bare Fastify on the same Node, in pairs; and the
 * memory of the idle process. Ends with 1 where a target is missed.
 *
 *     npm run build && node bench/startup.ts [pairs, default 15]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, median, residentMb } from './measure.ts';

const mostRatio = 1.3;
const mostIdleMb = 100;
const root = join(import.meta.dirname, '..');
const pairs = Number(process.argv[2] ?? 15);

/** One suite and no schedule: what a Knative process starts with. */
const settings = {
  // The first start of an image: nothing is compiled yet.
  NODE_DISABLE_COMPILE_CACHE: '1',
  CLUSTER: 'kubeconfig',
  KUBECONFIG: join(root, 'test/fixtures/kubeconfig.yaml'),
  SCHEDULER: 'off',
  SUITES: 'http',
  HOST: '127.0.0.1',
};

const bare = `
import { fastify } from ${JSON.stringify(import.meta.resolve('fastify'))};
const app = fastify();
app.get('/readyz', async () => 'ok');
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
`;

const folder = mkdtempSync(join(tmpdir(), 'startup-'));
const bareFile = join(folder, 'bare.mjs');
writeFileSync(bareFile, bare);
const commands = { bare: [bareFile], bundle: [join(root, 'dist/cli.js'), 'serve'] } as const;

const times: Record<keyof typeof commands, number[]> = { bare: [], bundle: [] };
for (let pair = -2; pair < pairs; pair++) {
  // The order changes: what warms the disk for the other does so half of the time.
  const order = pair % 2 === 0 ? (['bare', 'bundle'] as const) : (['bundle', 'bare'] as const);
  for (const name of order) {
    const ms = await startOnce(commands[name]);
    if (pair >= 0) times[name].push(ms);
  }
}
const ratios = times.bundle.map((ms, index) => ms / (times.bare[index] ?? Number.NaN));
const idleMb = await idleMemory();
rmSync(folder, { recursive: true });

const ratio = median(ratios);
console.log(`Node ${process.version}, ${pairs} pairs, medians`);
console.log(`bare Fastify    ${median(times.bare).toFixed(0)} ms`);
console.log(`bundle, serve   ${median(times.bundle).toFixed(0)} ms`);
console.log(`ratio           ${ratio.toFixed(2)} (at most ${mostRatio})`);
console.log(`idle memory     ${idleMb.toFixed(0)} MB resident after 5 s, all suites (at most ${mostIdleMb})`);
process.exitCode = ratio <= mostRatio && idleMb <= mostIdleMb ? 0 : 1;

async function startOnce(command: readonly string[]): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = start(command, { ...settings, PORT: String(port) });
  await answers(port);
  const ms = performance.now() - began;
  await end(child);
  return ms;
}

async function idleMemory(): Promise<number> {
  const port = await freePort();
  const child = start(commands.bundle, { ...settings, SUITES: '', PORT: String(port) });
  await answers(port);
  await pause(5_000);
  const idle = residentMb(child.pid, 'VmRSS');
  await end(child);
  return idle;
}

function start(command: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [...command], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function end(child: ChildProcess): Promise<void> {
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const status = await new Promise<number | undefined>((resolve) => {
      const asked = request({ port, host: '127.0.0.1', path: '/readyz', agent: false }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      asked.on('error', () => resolve(undefined));
      asked.end();
    });
    if (status === 200) return;
    await pause(2);
  }
}
