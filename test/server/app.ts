/** The server on a store and a runner that do what a test says. */
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Store } from '../../runtime/memory/store.ts';
import type { Runner, StartOutcome } from '../../runtime/model/outcome.ts';
import type { RunResult, TriggerKind } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import type { AppOptions } from '../../runtime/server/app-options.ts';
import { product } from '../built/index.ts';
import { aRun, aSuite, at, play } from '../results.ts';
import { askedOverHttp } from './over-http.ts';

const { buildApp, createHealth, createPrometheus, createStore } = product;

export const limitMs = 20 * 60_000;

export interface FakeRunner extends Runner {
  /** Every start, in order. */
  readonly starts: readonly { readonly suite: string; readonly trigger: TriggerKind; readonly joined: boolean }[];
  /** Ends the run of the suite that is under way. */
  end(suite: string, outcome: RunResult | Error): void;
  /** From now on a run ends by itself, with this. */
  answer(outcome: (suite: string) => RunResult | Error): void;
  /** From now on a run goes on until \`end\`. */
  hold(): void;
  /** Resolves when so many runs have been started or joined. */
  started(count: number): Promise<void>;
  shutDown(): void;
}

interface Running {
  readonly id: string;
  readonly finished: PromiseWithResolvers<RunResult>;
}

export function aRunner(): FakeRunner {
  const running = new Map<string, Running>();
  const starts: { suite: string; trigger: TriggerKind; joined: boolean }[] = [];
  let answer: ((suite: string) => RunResult | Error) | undefined;
  let isClosing = false;

  function end(suite: string, outcome: RunResult | Error): void {
    const { finished } = running.get(suite)!;
    running.delete(suite);
    finished.promise.catch(() => {});
    if (outcome instanceof Error) finished.reject(outcome);
    else finished.resolve(outcome);
  }

  function begin(suite: string): Running {
    const run = { id: `${suite}-${starts.length + 1}`, finished: Promise.withResolvers<RunResult>() };
    running.set(suite, run);
    const outcome = answer;
    if (outcome) setImmediate(() => end(suite, outcome(suite)));
    return run;
  }

  return {
    starts,
    end,
    answer(outcome) {
      answer = outcome;
    },
    hold() {
      answer = undefined;
    },
    async started(count) {
      while (starts.length < count) await new Promise(setImmediate);
    },
    shutDown() {
      isClosing = true;
    },
    start({ name }: Suite, trigger): StartOutcome {
      if (isClosing) return { kind: 'closing' };
      const known = running.get(name);
      const joined = known !== undefined;
      const { id, finished } = known ?? begin(name);
      starts.push({ suite: name, trigger, joined });
      return { kind: 'run', id, joined, judged: finished.promise, finished: finished.promise };
    },
    get active() {
      return [...running].map(([suite, { id }]) => ({ suite, run: id, since: at(0).toISOString() }));
    },
    async close() {},
  };
}

export interface Scene {
  readonly app: FastifyInstance;
  readonly runner: FakeRunner;
  readonly store: Store;
  /** What was logged as an error or a warning. */
  readonly complaints: readonly unknown[];
  /** Minutes after midnight. */
  to(minute: number): void;
  /** The store hears of the run, as it does from the recorder. */
  play(...results: readonly RunResult[]): void;
}

export async function aScene(
  t: TestContext,
  options: Partial<AppOptions> & { readonly names?: readonly string[] } = {},
): Promise<Scene> {
  const { names = ['dns', 'http'], ...rest } = options;
  let minute = 0;
  const now = () => at(minute);
  const suites = names.map(aSuite);
  const store = createStore({ now });
  const runner = aRunner();
  const prometheus = createPrometheus(() => store.headline);
  const complaints: unknown[] = [];
  const app = await buildApp({
    suites,
    runner,
    store,
    prometheus,
    health: createHealth(store, suites, limitMs, { now }),
    log: aLog(complaints),
    now,
    ...rest,
  });
  t.after(() => app.close());
  runner.answer((suite) => aRun(suite));
  return {
    app: askedOverHttp(app),
    runner,
    store,
    complaints,
    to(next) {
      minute = next;
    },
    play: (...results) => {
      play(store, ...results);
      play(prometheus, ...results);
    },
  };
}

function aLog(complaints: unknown[]): AppOptions['log'] {
  const complain = (...what: unknown[]) => void complaints.push(what);
  const ignore = () => {};
  const log = {
    level: 'info',
    fatal: complain,
    error: complain,
    warn: complain,
    info: ignore,
    debug: ignore,
    trace: ignore,
    silent: ignore,
    child: () => log,
  };
  return log as unknown as AppOptions['log'];
}
