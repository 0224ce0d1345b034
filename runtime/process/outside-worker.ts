/** The thread of a suite of FUNCTIONS_DIR: loads it, and makes one run of it. */
import { hostname } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Defect, Held } from '../defects.ts';
import { describedOf } from '../run/described.ts';
import { beatMs, type OutsideMessage, type OutsideTask } from '../run/outside.ts';
import { loadFile } from '../run/registry.ts';
import { executeRun } from '../run/run.ts';
import { connect } from './connect.ts';

const task = workerData as OutsideTask;
const stop = new AbortController();
const say = (message: OutsideMessage) => parentPort?.postMessage(message);

// Of whatever it does outside of its steps the run is told, so that it is errored and cleaned up.
const fail = (what: string) => stop.abort(new Defect('run.defect', `Suite ${task.name} ${what}`));
process.on('uncaughtException', (error) => fail(`throws outside of its steps: ${textOf(error)}`));
process.on('unhandledRejection', (error) => fail(`leaves a promise rejected: ${textOf(error)}`));
const { exit } = process;
process.exit = (code) => {
  if (task.kind === 'describe') exit(code);
  fail(`calls process.exit(${code ?? ''})`);
  throw new Error('A suite must not end the process');
};

if (task.kind === 'describe') void describe();
else void run(task);

async function describe(): Promise<void> {
  const { name, file, settings } = task as Extract<OutsideTask, { kind: 'describe' }>;
  const loaded = await loadFile(name, file, settings);
  if ('problems' in loaded) return say({ kind: 'problems', problems: loaded.problems });
  say({ kind: 'described', suite: describedOf(loaded.suite) });
}

async function run({
  name,
  file,
  config,
  order,
  cluster,
  expected,
  lostRuns,
}: Extract<OutsideTask, { kind: 'run' }>): Promise<void> {
  setInterval(() => say({ kind: 'beat' }), beatMs).unref();
  parentPort?.on('message', (why: string) => stop.abort(new Defect('run.aborted', why)));
  const record = (event: Extract<OutsideMessage, { kind: 'event' }>['event']) => say({ kind: 'event', event });
  const connection = await connect(config, record, { identify: false });
  const loaded = await loadFile(name, file, connection.parts.settings);
  if ('problems' in loaded) return say({ kind: 'problems', problems: loaded.problems });
  const { keepLostHold, losesHolds } = await import('../kube/session/held-lease.ts');
  if (lostRuns.length > 0) {
    for (const id of lostRuns) keepLostHold(`${hostname()}/${process.pid}/${id}`, 'unclean');
  }
  const parts = { ...connection.parts, expected: () => expected, ...(cluster && { cluster: () => cluster }) };
  try {
    const result = await executeRun({ ...order, suite: loaded.suite, stop: stop.signal }, parts, () => {});
    say({ kind: 'finished', result, isLost: losesHolds(order.id) });
  } catch (error) {
    if (!(error instanceof Held)) throw error;
    say({ kind: 'held', holder: error.holder, retryAfterMs: error.retryAfterMs });
  } finally {
    await connection.cluster.close();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
