/** What the diagnosis of the cluster is made from. */
import type { RunResult } from '../model/result.ts';
import type { History } from './history.ts';
import type { Reported } from './reported.ts';

export interface LatestOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long a run of another process counts, unless it says more. */
  readonly holdsMs: number;
  /** Ids of runs of our own from before a restart that were too old then. */
  readonly expired: ReadonlySet<string>;
}

/** Of a suite that runs here and elsewhere the run that ended last. What others do not report any more says nothing of now. */
export function latestRuns(
  local: History,
  reported: Reported,
  { now, holdsMs, expired }: LatestOptions,
): readonly RunResult[] {
  const own = local.newest().filter(({ id }) => !expired.has(id));
  const latest = new Map(own.map(({ suite }) => [suite, local.latest(suite)!]));
  for (const { suite, endedAt, staleAfterMs = 0 } of reported.newest()) {
    if (Date.parse(endedAt) < now - Math.max(holdsMs, staleAfterMs)) continue;
    const run = latest.get(suite);
    if (!run || run.finishedAt < endedAt) latest.set(suite, reported.history.latest(suite)!);
  }
  return [...latest.values()];
}
