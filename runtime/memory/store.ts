/**
 * What is known of the runs, in bounded memory. A sink, and the readers that health, the page and the routes use.
 *
 * Bound, per suite: `runsPerSuite` runs of at most 8 KB packed (a usual run of 20 steps: about 0.5 KB), 32 KB with the evidence of the
 * newest `evidenceRuns` failed ones, the newest one as objects; 20 MB in all, and the same of up to 1,000 suites whose runs others
 * report. Beside that 30,000 local and 5,000 remote rows, each kind with 4,000,000 characters of details in all, and 5,000 small events. 900 suites of 20
 * steps and 100 runs each stay below 150 MB, and so do 100 suites whose 100 runs are as large as can be
 * (test/unit/store-memory.test.ts).
 */
import { randomUUID } from 'node:crypto';
import type { Headline } from '../model/diagnosis.ts';
import type { Sink } from '../model/event.ts';
import type { Slowness } from '../model/health.ts';
import type { RunResult } from '../model/result.ts';
import type { ServiceLevel } from '../model/service-level.ts';
import { cut } from '../words/text.ts';
import { createEpisodes, type Episode } from './episodes.ts';
import { createEventLog, type LiveEvent, liveEvent } from './event-log.ts';
import { createHeadlines, type HeadlineSpan } from './headlines.ts';
import { createHistory, type History, type RunSummary } from './history.ts';
import { createKeeping } from './keeping.ts';
import { latestRuns } from './latest-runs.ts';
import { createPace } from './pace.ts';
import { createReported, type ReportedSummary } from './reported.ts';
import { restore } from './restore.ts';
import { createRows, type Origin, type StepRow } from './rows.ts';
import { createServiceLevels } from './service-levels.ts';
import { byRecordedAt, localRow, type RemoteStep, remoteRow, reportedRow } from './step-rows.ts';
import type { StoreOptions } from './store-options.ts';
import { createUnderway, type UnderwayRun } from './underway.ts';

export type { Episode } from './episodes.ts';
export type { LiveEvent } from './event-log.ts';
export type { HeadlineSpan } from './headlines.ts';
export type { RunSummary } from './history.ts';
export type { Detail, Origin, StepRow } from './rows.ts';
export type { RemoteStep } from './step-rows.ts';
export type { StoreOptions } from './store-options.ts';
export type { UnderwayRun } from './underway.ts';

/** What the health fold needs, and no more. */
export interface StoreSnapshot {
  /** When the store was made: nothing can be known from before. */
  readonly startedAt: string;
  /** The newest run of every suite that has one. */
  readonly newest: readonly RunSummary[];
  /** The same of the suites whose runs other processes reported whole. */
  readonly reported: readonly ReportedSummary[];
  readonly remote: readonly StepRow[];
  /** Of a newest run that passed: whether it was slow. */
  readonly slowness: (newest: RunSummary, origin: Origin) => Slowness | undefined;
  readonly headline?: Headline;
}

export interface Store extends Sink {
  readonly name: 'store';
  /** Unique to this process; with an event's number it names the event across restarts. */
  readonly epoch: string;
  /** The same over restarts where HISTORY_FILE keeps it, else the epoch. */
  readonly lineage: string;
  /** Grows with every change; equal versions mean equal answers. */
  readonly version: number;
  recordRemote(step: RemoteStep): void;
  /** A maintenance has begun or ended: whoever listens is told. */
  recordMaintenance(): void;
  /**
   * A run of another process, once it is judged and again when its clean-up is over; `staleAfterMs`: how long it says that this holds;
   * `endedAgoMs`: how long ago that was, by its own clock, default 0. A run that ended before one that is known counts as history only.
   * Returns why it is not kept, where it is not.
   */
  recordReported(result: RunResult, staleAfterMs?: number, endedAgoMs?: number): string | undefined;
  snapshot(): StoreSnapshot;
  /** Every step's latest result, local and remote, newest first. */
  rows(): readonly StepRow[];
  /** The newest judged run of the suite, whole. `origin`, here and below: whose runs; default this process's. */
  latest(suite: string, origin?: Origin): RunResult | undefined;
  /** The runs kept of the suite, newest first. */
  runs(suite: string, origin?: Origin): readonly RunSummary[];
  /** The same, whole. Unpacks each: about 50 µs a run. */
  history(suite: string, origin?: Origin): readonly RunResult[];
  /** A judged run by its id, of this process or another. */
  run(id: string): RunResult | undefined;
  /** Whether a part of the run was in a maintenance window, as it was when it was judged. */
  inMaintenance(run: Pick<RunResult, 'suite' | 'id'>): boolean;
  /** Runs that have started and are not over, clean-up included. */
  underway(): readonly UnderwayRun[];
  readonly lastEvent: number;
  /** The first `most` events after number `id`, by default all; undefined when some are forgotten or `id` is unknown. */
  eventsAfter(id: number, most?: number): readonly LiveEvent[] | undefined;
  /** Calls the listener at every event until the returned function is called. It must not throw. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
  readonly headline: Headline | undefined;
  /** Newest first, at most 100; the open one has no end. */
  readonly headlines: readonly HeadlineSpan[];
  /** What was red, newest first, at most 100; the one under way has no end. */
  readonly episodes: readonly Episode[];
  /** How often the suite passed, over 24 h, 7 d and 30 d. */
  level(suite: string, origin?: Origin): ServiceLevel;
}

export function createStore(options: StoreOptions = {}): Store {
  const { runsPerSuite = 100, evidenceRuns = 3, events = 5_000, localRows = 30_000, remoteRows = 5_000 } = options;
  const { reportedForMs = 20 * 60_000, sloTarget = 0.999, inMaintenance = () => false } = options;
  const now = options.now ?? (() => new Date());
  const clock = () => now().toISOString();
  const reported = createReported(runsPerSuite, evidenceRuns);
  const histories = {
    local: createHistory(runsPerSuite, evidenceRuns),
    remote: reported.history,
  } as const satisfies Record<Origin, History>;
  const levels = { local: createServiceLevels(sloTarget), remote: createServiceLevels(sloTarget) };
  const paces = { local: createPace(options.slowAfterMs), remote: createPace(options.slowAfterMs) };
  const local = createRows(localRows);
  const remote = createRows(remoteRows);
  const log = createEventLog(events);
  const underway = createUnderway();
  const headlines = createHeadlines(options.headlineOf);
  const episodes = createEpisodes();
  const listeners = new Set<(event: LiveEvent) => void>();
  const keeping = createKeeping(options.keep ?? (() => {}));
  const startedAt = clock();
  const epoch = randomUUID().slice(0, 8);
  let version = 0;
  const { remembered, serves } = options;
  const memory = { local: histories.local, reported, levels, rows: { local, remote }, episodes, headlines };
  const expired = restore(remembered, memory, { now: now().getTime(), holdsMs: reportedForMs, serves });

  function publish(event: Omit<LiveEvent, 'id'>): void {
    version += 1;
    const numbered = log.append(event);
    for (const listener of listeners) listener(numbered);
  }

  function judged(result: RunResult): void {
    const { suite, namespace, id: run } = result;
    for (const step of result.steps.filter(({ status }) => status === 'skipped')) {
      local.put(localRow({ suite, namespace, run, step }, clock()));
    }
    local.keepOnly(suite, run);
    const before = known('local', result);
    const maintenance = before ? before.maintenance : inMaintenance(Date.parse(result.startedAt), now().getTime());
    histories.local.add(result, undefined, maintenance);
    tell('local', result, Date.parse(result.finishedAt), before);
    headlines.judge(latestOfAll, clock());
    episodes.judge(result, now(), undefined, maintenance);
    keeping.spans(episodes.list, headlines.spans);
  }

  /** As what the run is known: judged already, it comes again when its clean-up is over. */
  function known(origin: Origin, { suite, id }: Pick<RunResult, 'suite' | 'id'>): RunSummary | undefined {
    return histories[origin].summaries(suite).find((one) => one.id === id);
  }

  /** The run has just been added to the history of its origin. */
  function tell(origin: Origin, result: RunResult, endedAt: number, before?: RunSummary, staleAfterMs?: number): void {
    const summary = known(origin, result);
    if (!summary) return;
    keeping.run({ origin, result, summary, endedAt, ...(staleAfterMs !== undefined && { staleAfterMs }) });
    if (!summary.maintenance)
      keeping.buckets(origin, levels[origin].count(result.suite, result.status, endedAt, before?.status));
  }

  function latestOfAll(): readonly RunResult[] {
    const times = { now: now().getTime(), holdsMs: reportedForMs, expired };
    return latestRuns(histories.local, reported, times);
  }

  function recordReported(result: RunResult, staleAfterMs?: number, endedAgoMs = 0): string | undefined {
    const { suite, namespace, id: run, status, durationMs } = result;
    const at = clock();
    const ended = now().getTime() - endedAgoMs;
    const before = known('remote', result);
    const maintenance = before ? before.maintenance : inMaintenance(ended - durationMs, ended);
    const problem = reported.add(result, new Date(ended).toISOString(), staleAfterMs, maintenance);
    if (problem === undefined && (!before || histories.remote.latest(suite)?.id === run))
      tell('remote', result, ended, before, staleAfterMs);
    if (problem !== undefined || histories.remote.latest(suite)?.id !== run) return problem;
    for (const step of result.steps) remote.put(reportedRow(result, step, at), true);
    remote.keepOnly(suite, run);
    headlines.judge(latestOfAll, at);
    episodes.judge(result, now(), Math.max(reportedForMs, staleAfterMs ?? 0), maintenance);
    keeping.spans(episodes.list, headlines.spans);
    publish({ type: 'update', at, suite, namespace, run, status, durationMs });
    return undefined;
  }

  return {
    name: 'store',
    epoch,
    lineage: remembered?.lineage ?? epoch,
    get version() {
      return version;
    },
    record(event) {
      underway.record(event);
      if (event.type === 'step-finished') local.put(localRow(event, clock()));
      if (event.type === 'run-judged' || event.type === 'run-finished') judged(event.result);
      publish(liveEvent(event, clock()));
    },
    recordRemote(step) {
      const row = remoteRow(step, clock());
      if (!remote.put(row)) return;
      const { at, suite, namespace, run, status, durationMs } = row;
      publish({ type: 'update', at, suite, namespace, run, step: cut(row.name, 200), status, durationMs });
    },
    recordReported,
    recordMaintenance: () => publish({ type: 'maintenance', at: clock(), suite: '' }),
    inMaintenance: (run) => known('local', run)?.maintenance ?? false,
    snapshot: () => ({
      startedAt,
      newest: histories.local.newest(),
      reported: reported.newest(),
      remote: remote.list(),
      slowness: (newest, origin) => paces[origin].slowness(newest, () => histories[origin].summaries(newest.suite)),
      headline: headlines.current,
    }),
    rows: () => byRecordedAt(local.list(), remote.list()),
    latest: (suite, origin = 'local') => histories[origin].latest(suite),
    runs: (suite, origin = 'local') => histories[origin].summaries(suite),
    history: (suite, origin = 'local') => {
      const { summaries, byId } = histories[origin];
      return summaries(suite).map(({ id }) => byId(id)!);
    },
    run: (id) => histories.local.byId(id) ?? histories.remote.byId(id),
    underway: underway.list,
    get lastEvent() {
      return log.last;
    },
    eventsAfter: log.after,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get headline() {
      return headlines.current;
    },
    get headlines() {
      return headlines.spans;
    },
    get episodes() {
      return episodes.list;
    },
    level: (suite, origin = 'local') => levels[origin].level(suite, now()),
  };
}
