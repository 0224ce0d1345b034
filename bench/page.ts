/**
 * The page and the routes beside it with 1,000 suites of 20 steps and 100 runs each in memory: `npm run bench:page`.
 * Requests per second are paired: a bare Fastify route that sends the same bytes from a Buffer, in the same process, in turns.
 * Exits 1 when a target is missed.
 */
import { get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import Fastify, { type FastifyInstance } from 'fastify';
import { overview } from '../runtime/dashboard/overview.ts';
import { sceneOf } from '../runtime/dashboard/scene.ts';
import { createHealth } from '../runtime/memory/cluster-health.ts';
import { createStore, type Store } from '../runtime/memory/store.ts';
import type { RunResult } from '../runtime/model/result.ts';
import type { Suite } from '../runtime/model/suite.ts';
import { buildApp } from '../runtime/server/app.ts';
import { aFailedRun, aRun, aStep, eventsOf, play } from '../test/results.ts';
import { median } from './measure.ts';

const suites = 1_000;
const stepsEach = 20;
const runsEach = 100;
const streams = 1_000;
const events = 20;
const rounds = 5;
const secondsEach = 2;
const timeToReportProblemMs = 20 * 60_000;

const misses: string[] = [];

function report(
  what: string,
  value: number,
  unit: string,
  target?: { readonly most?: number; readonly least?: number },
): void {
  const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = target ?? {};
  const isMet = value <= most && value >= least;
  const wanted = target
    ? ` (wanted: ${target.most === undefined ? `at least ${least}` : `at most ${most}`} ${unit})`
    : '';
  if (!isMet) misses.push(what);
  process.stdout.write(`${isMet ? '  ' : '✗ '}${what}: ${Number(value.toPrecision(4))} ${unit}${wanted}\n`);
}

const names = Array.from({ length: suites }, (_, index) => `suite_${index}`);
const served = names.map(
  (name): Suite => ({ name, description: `Proves ${name}`, steps: [], uses: [], run: async () => {} }),
);

function runOf(suite: string, number: number): RunResult {
  const id = `m${number.toString(36)}${suite}`;
  const finishedAt = new Date(Date.now() - (runsEach - number) * 1_000).toISOString();
  const steps = Array.from({ length: stepsEach }, (_, index) =>
    aStep(`Check object number ${index}`, 'passed', { durationMs: Math.random() * 900, startedAt: finishedAt }),
  );
  return number % 37 === 5 ? aFailedRun(suite, { id, finishedAt }) : aRun(suite, { id, finishedAt, steps });
}

function fill(store: Store): void {
  for (let number = 1; number <= runsEach; number += 1) for (const name of names) play(store, runOf(name, number));
}

/** What is in use, with what the operating system gave on top still unreturned left out. */
function memoryMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

async function perSecond(url: string): Promise<number> {
  const { requests, non2xx } = await autocannon({ url, connections: 10, duration: secondsEach });
  if (non2xx > 0 && !url.endsWith('/health')) throw new Error(`${non2xx} answers of ${url} were not 2xx`);
  return requests.average;
}

/** The median over the rounds of ours by theirs; which of the two goes first changes with every round. */
async function pairedRatio(app: FastifyInstance, path: string): Promise<number> {
  const { rawPayload, headers } = await app.inject(path);
  const bare = Fastify();
  bare.get('/', (_, reply) => reply.header('content-type', headers['content-type']).send(rawPayload));
  const [ours, theirs] = [`${app.listeningOrigin}${path}`, await bare.listen({ port: 0, host: '127.0.0.1' })];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const first = await perSecond(order[0]!);
    const second = await perSecond(order[1]!);
    ratios.push(round % 2 === 0 ? first / second : second / first);
  }
  await bare.close();
  return median(ratios);
}

async function render(store: Store): Promise<void> {
  const options = {
    store,
    suites: served,
    runner: { active: [], start: () => ({ kind: 'closing' as const }) },
    health: createHealth(store, served, timeToReportProblemMs),
    timeToReportProblemMs,
  };
  const wall: number[] = [];
  const own: number[] = [];
  let size = 0;
  for (let turn = 0; turn < 15; turn += 1) {
    // A new verdict between two renderings, as in life: nothing may rest on an unchanged store.
    play(store, runOf(names[turn]!, runsEach));
    const began = performance.now();
    const usage = process.threadCpuUsage();
    size = overview(sceneOf(options)).text.length;
    const { user, system } = process.threadCpuUsage(usage);
    own.push((user + system) / 1000);
    wall.push(performance.now() - began);
  }
  report('first rendering of the page', wall[0]!, 'ms');
  report('rendering of the page, median by the clock', median(wall), 'ms');
  report('rendering of the page, median of its thread', median(own), 'ms', { most: 100 });
  report('size of the page, uncompressed', size / 1e6, 'MB');
}

/** Bytes that the clients read, by clients and events; and what the process grew by while it wrote them. */
async function fanOut(app: FastifyInstance, store: Store): Promise<void> {
  const { port } = app.server.address() as AddressInfo;
  let read = 0;
  let ready = 0;
  let heard = 0;
  const clients = Array.from({ length: streams }, () =>
    httpGet({ port, host: '127.0.0.1', path: '/events', agent: false }, (reply) => {
      reply.socket.once('data', () => {});
      ready += 1;
      reply.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1').split('\nevent: ').length - 1;
      });
    }),
  );
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise(setImmediate);
  };
  await until(() => ready === streams);
  const sockets = clients.map((client) => client.socket!);
  const before = sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
  const sent = Array.from({ length: events }, (_, index) => eventsOf(runOf(names[index]!, runsEach))[2]!);
  const began = performance.now();
  for (const event of sent) store.record(event);
  const blocked = performance.now() - began;
  await until(() => heard >= streams * events);
  read = sockets.reduce((sum, socket) => sum + socket.bytesRead, 0) - before;
  report(`bytes to each of ${streams} open streams, by event`, read / streams / events, 'B', { most: 1024 });
  report(`time to tell ${streams} streams of an event`, blocked / events, 'ms');
  for (const client of clients) client.destroy();
}

const bareMb = memoryMb();
const store = createStore();
const began = performance.now();
fill(store);
report(`recording ${suites * runsEach} runs of ${stepsEach} steps`, (performance.now() - began) / 1000, 's');
report('memory in use for all that', memoryMb() - bareMb, 'MB', { most: 150 });

await render(store);

const app = await buildApp({
  store,
  suites: served,
  health: createHealth(store, served, timeToReportProblemMs),
  runner: { active: [], start: () => ({ kind: 'closing' }) },
  prometheus: { contentType: 'text/plain', text: async () => '' },
  log: Fastify().log,
});
await app.listen({ port: 0, host: '127.0.0.1' });
for (const path of ['/results', '/health']) {
  report(`${path} against a bare route of the same size`, await pairedRatio(app, path), 'times the requests/s', {
    least: 0.8,
  });
}
await fanOut(app, store);
report('memory in use at the end', memoryMb(), 'MB');
await app.close();
process.exitCode = misses.length > 0 ? 1 : 0;
