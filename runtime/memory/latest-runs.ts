/** What the diagnosis of the cluster is made from. */
import type { RunResult } from '../model/result.ts';
import type { History } from './history.ts';
import type { Reported } from './reported.ts';

export interface LatestOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly startedAt: number;
  /** How long a run of another process counts, unless it says more; and one of our own from before the start. */
  readonly holdsMs: number;
}

/** Of a suite that runs here and elsewhere the run that ended last. What others do not report any more says nothing of now. */
export function latestRuns(
  local: History,
  reported: Reported,
  { now, startedAt, holdsMs }: LatestOptions,
): readonly RunResult[] {
  const own = local.newest().filter(({ finishedAt }) => Date.parse(finishedAt) >= startedAt - holdsMs);
  const latest = new Map(own.map(({ suite }) => [suite, local.latest(suite)!]));
  for (const { suite, endedAt, staleAfterMs = 0 } of reported.newest()) {
    if (Date.parse(endedAt) < now - Math.max(holdsMs, staleAfterMs)) continue;
    const run = latest.get(suite);
    if (!run || run.finishedAt < endedAt) latest.set(suite, reported.history.latest(suite)!);
  }
  return [...latest.values()];
}
