/** Memory as it was before a restart. */
import type { RunResult, StepResult } from '../model/result.ts';
import type { Episodes } from './episodes.ts';
import type { Headlines } from './headlines.ts';
import type { History } from './history.ts';
import type { KeptRun, Remembered } from './kept.ts';
import type { Reported } from './reported.ts';
import type { Origin, Rows, StepRow } from './rows.ts';
import type { ServiceLevels } from './service-levels.ts';
import { localRow, reportedRow } from './step-rows.ts';

export interface Restorable {
  readonly local: History;
  readonly reported: Reported;
  readonly levels: Readonly<Record<Origin, ServiceLevels>>;
  readonly rows: Readonly<Record<Origin, Rows>>;
  readonly episodes: Episodes;
  readonly headlines: Headlines;
}

export interface RestoreOptions {
  /** Milliseconds since 1970. What claims to be later is of a clock that was wrong, and is left out. */
  readonly now: number;
  /** How long a red run from before still counts, unless it says more. */
  readonly holdsMs: number;
  /** Suites that this process serves: of others nothing is known any more. Default: all. */
  readonly serves?: ((suite: string) => boolean) | undefined;
}

/** Returns the ids of the newest runs that are too old to say anything of now. */
export function restore(
  remembered: Remembered | undefined,
  memory: Restorable,
  { now, holdsMs, serves = () => true }: RestoreOptions,
): ReadonlySet<string> {
  if (!remembered) return new Set();
  const { runs, buckets, episodes, headlines } = remembered;
  const counts = (origin: Origin, suite: string) => origin === 'remote' || serves(suite);
  for (const { origin, bucket } of buckets)
    if (bucket.start <= now && counts(origin, bucket.suite)) memory.levels[origin].restore(bucket);
  const newest = new Map<string, KeptRun>();
  for (const run of runs) {
    if (run.endedAt > now || !counts(run.origin, run.summary.suite)) continue;
    if (run.origin === 'remote') memory.reported.restore(run);
    else memory.local.restore(run);
    newest.set(`${run.origin} ${run.summary.suite}`, run);
  }
  for (const run of newest.values()) putRows(memory, run);
  const red = [...newest.values()].filter(({ summary }) => summary.status === 'failed' || summary.status === 'errored');
  const until = (run: KeptRun) => run.endedAt + Math.max(holdsMs, run.staleAfterMs ?? 0);
  const standing = red.filter((run) => until(run) >= now);
  // What is red no longer was so for as long as anybody saw it.
  const lastSeen = new Date(Math.max(...red.map(({ endedAt }) => endedAt), 0)).toISOString();
  memory.episodes.restore(episodes, new Map(standing.map((run) => [run.summary.suite, until(run)])), lastSeen);
  memory.headlines.restore(headlines, standing.length > 0 ? undefined : lastSeen);
  return new Set([...newest.values()].filter((run) => until(run) < now).map(({ summary }) => summary.id));
}

function putRows({ local, reported, rows }: Restorable, { origin, summary, endedAt }: KeptRun): void {
  const run = (origin === 'remote' ? reported.history : local).latest(summary.suite);
  const at = new Date(endedAt).toISOString();
  for (const step of run?.steps ?? []) rows[origin].put(rowOf(origin, run!, step, at), true);
}

function rowOf(origin: Origin, run: RunResult, step: StepResult, at: string): StepRow {
  const { suite, namespace, id } = run;
  return origin === 'remote' ? reportedRow(run, step, at) : localRow({ suite, namespace, run: id, step }, at);
}
