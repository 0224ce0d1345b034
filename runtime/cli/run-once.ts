import { setTimeout as pause } from 'node:timers/promises';
import { Held } from '../defects.ts';
import type { Runner } from '../model/outcome.ts';
import type { RunResult, Verdict } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import type { Progress } from './progress.ts';

/** How long a run waits for another process to leave its namespace. */
const longestWaitMs = 60_000;

const exitCodes = { passed: 0, failed: 1, errored: 2, unsupported: 0 } as const satisfies Record<Verdict, number>;

export interface RunOnceOptions {
  readonly suites: readonly Suite[];
  readonly runner: Pick<Runner, 'start'>;
  readonly progress: Progress;
  /** Aborted when the process is asked to stop: ends the wait for another process. */
  readonly stop: AbortSignal;
  /** True: the first suite that fails, is errored or cannot be run is the last. */
  readonly failFast?: boolean;
  /** Hears each result as soon as it is there. */
  readonly onResult?: (result: RunResult) => void;
  /** Default 60,000 ms. */
  readonly longestWaitMs?: number;
}

export interface RunOnceOutcome {
  /** Of the runs that were made, clean-up included. */
  readonly results: readonly RunResult[];
  /** 0 all passed or are unsupported; 2 when any errored or could not be made, else 1 when any failed. */
  readonly exitCode: 0 | 1 | 2;
}

/** Runs the suites one after another. After a shutdown has begun the rest is left out. */
export async function runOnce({ suites, failFast, onResult, ...options }: RunOnceOptions): Promise<RunOnceOutcome> {
  const results: RunResult[] = [];
  let exitCode: 0 | 1 | 2 = 0;
  for (const suite of suites) {
    const result = await runWhenFree(suite, options);
    if (result) results.push(result);
    if (result) onResult?.(result);
    exitCode = Math.max(exitCode, result ? exitCodes[result.status] : exitCodes.errored) as 0 | 1 | 2;
    if (failFast && exitCode > 0) break;
  }
  return { results, exitCode };
}

async function runWhenFree(
  suite: Suite,
  options: Omit<RunOnceOptions, 'suites' | 'failFast' | 'onResult'>,
): Promise<RunResult | undefined> {
  const { runner, progress, stop, longestWaitMs: limitMs = longestWaitMs } = options;
  const until = performance.now() + limitMs;
  for (;;) {
    const outcome = runner.start(suite, 'cli');
    if (outcome.kind === 'closing') return undefined;
    try {
      return await outcome.finished;
    } catch (error) {
      if (!(error instanceof Held)) throw error;
      const restMs = until - performance.now();
      if (restMs <= 0) {
        progress.say(`${suite.name}: given up after ${Math.round(limitMs / 1000)} s: ${error.message}`);
        return undefined;
      }
      progress.say(`${suite.name}: waiting, for ${Math.ceil(restMs / 1000)} s at most. ${error.message}`);
      await pause(Math.min(error.retryAfterMs, restMs), undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
