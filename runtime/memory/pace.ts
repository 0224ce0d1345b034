/** Which suites took longer for their last run than they should: it passed, and says so all the same. */
import type { Slowness } from '../model/health.ts';
import type { RunSummary } from './history.ts';

export interface Pace {
  /** Whether the newest run, the first of them, passed and was slow. `runs`: of one suite, newest first; asked for a new run only. */
  slowness(newest: Pick<RunSummary, 'id' | 'suite'>, runs: () => readonly RunSummary[]): Slowness | undefined;
}

/** Fewer passed runs say nothing of what is usual. */
const fewestRuns = 10;
const usualTimes = 3;
/** What is below it nobody waits for, however fast it was before. */
const leastMs = 2_000;

/** `limitMs`: SLOW_<SUITE>. Default: three times the median of the passed runs before, and at least two seconds. */
export function createPace(limitMs: (suite: string) => number | undefined = () => undefined): Pace {
  const known = new Map<string, { readonly id: string; readonly slowness: Slowness | undefined }>();
  return {
    slowness({ id, suite }, runs) {
      const before = known.get(suite);
      if (before?.id === id) return before.slowness;
      const slowness = slownessOf(runs(), limitMs(suite));
      known.set(suite, { id, slowness });
      return slowness;
    },
  };
}

function slownessOf(runs: readonly RunSummary[], limitMs: number | undefined): Slowness | undefined {
  const usualMs = medianOf(runs.slice(1).filter(({ status }) => status === 'passed'));
  const afterMs = limitMs ?? (usualMs === undefined ? undefined : Math.max(leastMs, usualTimes * usualMs));
  if (afterMs === undefined) return undefined;
  const other = runs.findIndex(({ status, durationMs }) => status !== 'passed' || durationMs <= afterMs);
  const first = (other < 0 ? runs : runs.slice(0, other)).at(-1);
  if (!first) return undefined;
  return { since: first.finishedAt, afterMs, ...(usualMs !== undefined && { usualMs }) };
}

function medianOf(runs: readonly RunSummary[]): number | undefined {
  if (runs.length < fewestRuns) return undefined;
  const times = runs.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}
