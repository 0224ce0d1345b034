/**
 * Suites of FUNCTIONS_DIR: each is loaded, and each of its runs is made, in a thread of its own. What it does outside of its steps (a
 * throw in a timer, process.exit, a loop, an await that never settles) ends that run, errored, and nothing else. See docs/decisions/011.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/shape.ts';
import { Defect, Held } from '../defects.ts';
import type { RunEvent } from '../model/event.ts';
import type { ClusterIdentity, RunResult, StepResult } from '../model/result.ts';
import type { SuiteSettings } from '../model/suite.ts';
import type { Described } from './described.ts';
import type { RunOrder, RunParts } from './order.ts';
import { Standstill } from './standstill.ts';
import { withSkipped } from './verdict.ts';

/** What a thread is given. */
export type OutsideTask =
  | { readonly kind: 'describe'; readonly name: string; readonly file: string; readonly settings: SuiteSettings }
  | {
      readonly kind: 'run';
      readonly name: string;
      readonly file: string;
      readonly config: Config;
      readonly order: Pick<RunOrder, 'id' | 'namespace' | 'trigger'>;
      readonly cluster: ClusterIdentity | undefined;
      /** Why an unmet requirement is a fault. */
      readonly expected: string | undefined;
      /** Runs of this process whose thread was ended, and so cannot have given their lock back. */
      readonly lostRuns: readonly string[];
    };

/** What it says. */
export type OutsideMessage =
  | { readonly kind: 'described'; readonly suite: Described }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }
  | { readonly kind: 'beat' }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'held'; readonly holder: string; readonly retryAfterMs: number }
  /** `isLost`: it could not give its lock back. */
  | { readonly kind: 'finished'; readonly result: RunResult; readonly isLost: boolean };

const longestLoadMs = 10_000;
/** So often a thread says that it is not held up. */
export const beatMs = 500;
/** Held up for that long, the run counts for nothing; for longer than its lock is safe, the thread is ended. */
const longestHoldMs = 4_000;
const endAfterMs = 25_000;
const mostLostRuns = 100;

/** Loads the suite, and says what it declares, or why it cannot be loaded. */
export async function describeOutside(
  name: string,
  file: string,
  settings: SuiteSettings,
): Promise<{ suite: Described } | { problems: readonly string[] } | { defect: string }> {
  const worker = start({ kind: 'describe', name, file, settings });
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof describeOutside>>>();
  const timer = setTimeout(
    () =>
      resolve({
        defect: `is not loaded within ${longestLoadMs / 1000} s: an await outside of it never settles, or it loops`,
      }),
    longestLoadMs,
  );
  worker.on('message', (message: OutsideMessage) => {
    if (message.kind === 'described') resolve({ suite: message.suite });
    if (message.kind === 'problems') resolve({ problems: message.problems });
  });
  worker.on('error', (error) => resolve({ defect: `fails while it is loaded: ${error.message}` }));
  worker.on('exit', () =>
    resolve({ defect: 'ends its thread while it is loaded, as by process.exit or an await that never settles' }),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

export type RunOutside = (order: RunOrder, parts: RunParts, judged: (result: RunResult) => void) => Promise<RunResult>;

/** Makes a run in a thread of its own. Throws Held, and nothing else. */
export function createOutside(config: Config): RunOutside {
  const lostRuns: string[] = [];
  return async (order, parts, judged) => {
    const run = new OutsideRun(order, parts, judged);
    const { id, namespace, trigger, suite } = order;
    const known = { cluster: parts.cluster?.(), expected: parts.expected?.(suite.name), lostRuns: [...lostRuns] };
    const task = { config, order: { id, namespace, trigger }, ...known };
    const { result, isLost } = await run.make({ kind: 'run', name: suite.name, file: suite.file ?? '', ...task });
    if (isLost) lostRuns.push(id);
    if (lostRuns.length > mostLostRuns) lostRuns.shift();
    return result;
  };
}

class OutsideRun {
  readonly #order: RunOrder;
  readonly #parts: RunParts;
  readonly #judged: (result: RunResult) => void;
  readonly #standstill = new Standstill();
  readonly #startedAt = new Date().toISOString();
  readonly #began = performance.now();
  readonly #steps: StepResult[] = [];
  #isStarted = false;
  #isJudged = false;
  #beatAt = performance.now();
  /** What the suite did that it must not. */
  #defect: Defect | undefined;

  constructor(order: RunOrder, parts: RunParts, judged: (result: RunResult) => void) {
    this.#order = order;
    this.#parts = parts;
    this.#judged = judged;
  }

  async make(task: OutsideTask): Promise<{ result: RunResult; isLost: boolean }> {
    const { stop, namespace } = this.#order;
    const worker = start(task);
    const { promise, resolve, reject } = Promise.withResolvers<{ result: RunResult; isLost: boolean }>();
    const end = (why: string) => {
      this.#blame(why);
      resolve({ result: this.#without(), isLost: true });
    };
    const watch = setInterval(() => {
      const silentMs = this.#heldMs();
      if (this.#isAnswerable(silentMs)) this.#blame(`holds up its thread for ${inSeconds(silentMs)}`);
      if (silentMs > endAfterMs) end(`holds up its thread for more than ${inSeconds(endAfterMs)}`);
    }, beatMs);
    const sendStop = () => worker.postMessage(stop.reason instanceof Error ? stop.reason.message : 'stopped');
    stop.addEventListener('abort', sendStop, { once: true });
    if (stop.aborted) sendStop();
    worker.on('message', (message: OutsideMessage) => {
      this.#beat();
      if (message.kind === 'event') this.#pass(message.event);
      if (message.kind === 'held') reject(new Held(message.holder, message.retryAfterMs, namespace));
      if (message.kind === 'finished') resolve({ result: this.#honest(message.result), isLost: message.isLost });
      if (message.kind === 'problems') end(`cannot be loaded: ${message.problems.join('; ')}`);
    });
    worker.on('error', (error) => end(`fails: ${error.message}`));
    worker.on('exit', () => end('ends its thread'));
    try {
      return await promise;
    } finally {
      clearInterval(watch);
      this.#standstill.end();
      stop.removeEventListener('abort', sendStop);
      worker.removeAllListeners('exit');
      await worker.terminate();
    }
  }

  /** Since it was heard of last, without what this process itself stood still. */
  #heldMs(): number {
    const silentMs = performance.now() - this.#beatAt;
    return silentMs - Math.min(silentMs, this.#standstill.longestSince(this.#beatAt));
  }

  #beat(): void {
    const heldMs = this.#heldMs();
    if (this.#isAnswerable(heldMs)) this.#blame(`held up its thread for ${inSeconds(heldMs)}`);
    this.#beatAt = performance.now();
  }

  /** Before its run has started what holds up the thread is the loading of our own modules. */
  #isAnswerable(heldMs: number): boolean {
    return heldMs > longestHoldMs && this.#isStarted && !this.#isJudged;
  }

  #blame(why: string): void {
    this.#defect = new Defect('run.defect', `Suite ${this.#order.suite.name} ${why}`);
  }

  #pass(event: RunEvent): void {
    if (event.type === 'run-started') this.#isStarted = true;
    if (event.type === 'step-finished') this.#steps.push(event.step);
    if (event.type === 'run-judged') this.#publish(this.#honest(event.result));
    else this.#parts.record(event);
  }

  #publish(result: RunResult): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    this.#parts.record({ type: 'run-judged', result });
    this.#judged(result);
  }

  /** Whatever it says of the cluster, where it held up its own thread. */
  #honest(result: RunResult): RunResult {
    if (!this.#defect) return result;
    const { diagnosis: _, ...rest } = result;
    return { ...rest, status: 'errored', steps: withSkipped([...result.steps, this.#step(this.#defect)], []) };
  }

  /** Of a thread that is no more. */
  #without(): RunResult {
    const { id, suite, namespace, trigger } = this.#order;
    const at = this.#startedAt;
    if (!this.#isStarted)
      this.#parts.record({
        type: 'run-started',
        run: id,
        suite: suite.name,
        namespace,
        trigger,
        at,
        steps: suite.steps,
      });
    const step = this.#step(this.#defect as Defect);
    this.#parts.record({ type: 'step-finished', run: id, suite: suite.name, namespace, step });
    const cluster = this.#parts.cluster?.();
    const result: RunResult = {
      id,
      suite: suite.name,
      namespace,
      trigger,
      status: 'errored',
      startedAt: at,
      finishedAt: new Date().toISOString(),
      durationMs: performance.now() - this.#began,
      steps: withSkipped([...this.#steps, step], suite.steps),
      recovered: [],
      apiRequests: { total: 0, watches: 0, retries: 0 },
      ...(cluster && { cluster }),
    };
    this.#publish(result);
    return result;
  }

  #step(defect: Defect): StepResult {
    const at = new Date().toISOString();
    const figures = { durationMs: 0, measurements: [], notes: [] };
    return { name: 'Suite', kind: 'step', status: 'errored', startedAt: at, findings: [defect.finding], ...figures };
  }
}

function start(task: OutsideTask): Worker {
  const url = new URL(
    extname(import.meta.url) === '.ts' ? '../process/outside-worker.ts' : './outside-worker.js',
    import.meta.url,
  );
  return new Worker(url, { workerData: task, name: task.name });
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
