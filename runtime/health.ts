/**
 * The verdict on the cluster: a pure fold of what the store knows. /health, the page, the badges and the metrics use this one.
 *
 * A suite is `stale` once its newest result is older than the limit, or once the process is that old and the suite has none:
 * an old verdict is no verdict. The whole is the worst of its suites: failing, errored, stale, unknown, passing.
 */
import type { Health, SuiteHealth, SuiteState, Verdict } from './model.ts';
import type { RunSummary, StepRow, Store, StoreSnapshot } from './store.ts';

const states: readonly SuiteState[] = ['failing', 'errored', 'stale', 'unknown', 'passing'];
const stateOf = { passed: 'passing', failed: 'failing', errored: 'errored' } as const satisfies Record<
  Verdict,
  SuiteState
>;

/**
 * `suites`: those this process serves. Suites of other processes follow after them, by name, marked `remote`. One that has no
 * run of its own here and is reported by another process is that one's: a page that only shows must not call it stale.
 */
export function healthOf(
  snapshot: StoreSnapshot,
  suites: readonly { readonly name: string }[],
  now: Date,
  timeToReportProblemMs: number,
): Health {
  const newest = new Map(snapshot.newest.map((summary) => [summary.suite, summary]));
  const limit = { now: now.getTime(), ms: timeToReportProblemMs };
  const remote = remoteGroups(snapshot.remote);
  const reported = new Set(remote.map(([name]) => name));
  const own = suites.filter(({ name }) => newest.has(name) || !reported.has(name));
  const all = [
    ...own.map(({ name }) => localHealth(name, newest.get(name), snapshot.startedAt, limit)),
    ...remote.map(([name, rows]) => remoteHealth(name, rows, limit)),
  ];
  const status = states.find((state) => all.some((suite) => suite.state === state)) ?? 'unknown';
  const since = earliest(all.filter((suite) => suite.state === status).map((suite) => suite.since));
  const freshest = latest(all.map((suite) => suite.lastRun?.at));
  // What rests on results that are too old says nothing of now.
  const isRed = all.some(({ state }) => state === 'failing' || state === 'errored');
  const headline = isRed ? snapshot.headline : undefined;
  return { status, since, freshest, suites: all, ...(headline && { headline }) };
}

/** Reads health as often as one likes: folds again only when the store or the freshness of a suite has changed. */
export function createHealth(
  store: Store,
  suites: readonly { readonly name: string }[],
  timeToReportProblemMs: number,
  now: () => Date = () => new Date(),
): () => Health {
  let known: { version: number; from: number; until: number; health: Health } | undefined;
  return () => {
    const at = now();
    const time = at.getTime();
    if (known?.version === store.version && time >= known.from && time < known.until) return known.health;
    const snapshot = store.snapshot();
    const health = healthOf(snapshot, suites, at, timeToReportProblemMs);
    known = { version: store.version, from: time, until: nextStale(snapshot, time, timeToReportProblemMs), health };
    return health;
  };
}

interface Limit {
  readonly now: number;
  readonly ms: number;
}

function localHealth(suite: string, run: RunSummary | undefined, startedAt: string, limit: Limit): SuiteHealth {
  const staleAt = Date.parse(run?.finishedAt ?? startedAt) + limit.ms;
  const stale = limit.now > staleAt && { state: 'stale' as const, since: new Date(staleAt).toISOString() };
  if (!run) return { suite, state: 'unknown', since: startedAt, steps: [], ...stale };
  const { id, finishedAt: at, durationMs, status, since, failing } = run;
  return { suite, state: stateOf[status], since, lastRun: { id, at, durationMs, status }, steps: failing, ...stale };
}

/** By suite, or by namespace where the other process did not name one. */
function remoteGroups(rows: readonly StepRow[]): readonly [string, readonly StepRow[]][] {
  const groups = Map.groupBy(rows, (row) => row.suite || row.namespace);
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Only the newest run's rows count, where runs are named; else those younger than the limit; all of them when none is. */
function remoteHealth(suite: string, rows: readonly StepRow[], limit: Limit): SuiteHealth {
  const first = rows[0]!;
  const isFresh = (row: StepRow) => limit.now <= Date.parse(row.recordedAt) + limit.ms;
  const counted = rows.filter((row) => (first.run ? row.run === first.run : isFresh(row)));
  const red = counted.filter((row) => row.status === 'failed' || row.status === 'errored');
  const status = red.some((row) => row.status === 'failed') ? 'failed' : red.length > 0 ? 'errored' : 'passed';
  const durationMs = counted.reduce((sum, row) => sum + (row.durationMs ?? 0), 0);
  const stale = !isFresh(first) && {
    state: 'stale' as const,
    since: new Date(Date.parse(first.recordedAt) + limit.ms).toISOString(),
  };
  return {
    suite,
    remote: true,
    state: stateOf[status],
    since: earliest((red.length > 0 ? red : counted).map((row) => row.recordedAt)),
    lastRun: { id: first.run ?? '', at: first.recordedAt, durationMs, status },
    steps: red.map((row) => row.name),
    ...stale,
  };
}

/** The next instant at which a result grows too old. */
function nextStale(snapshot: StoreSnapshot, now: number, timeToReportProblemMs: number): number {
  const instants = [
    snapshot.startedAt,
    ...snapshot.newest.map((run) => run.finishedAt),
    ...snapshot.remote.map((row) => row.recordedAt),
  ];
  const due = instants.map((at) => Date.parse(at) + timeToReportProblemMs + 1).filter((at) => at > now);
  return due.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY);
}

function earliest(instants: readonly (string | undefined)[]): string | undefined {
  return instants
    .filter((at) => at !== undefined)
    .reduce<string | undefined>((a, b) => (a && a < b ? a : b), undefined);
}

function latest(instants: readonly (string | undefined)[]): string | undefined {
  return instants
    .filter((at) => at !== undefined)
    .reduce<string | undefined>((a, b) => (a && a > b ? a : b), undefined);
}
