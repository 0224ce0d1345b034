/**
 * The verdict on the cluster: a pure fold of what the store knows. /health, the page, the badges and the metrics use this one.
 *
 * A suite is `stale` once its newest result is older than the limit, or once the process is that old and the suite has none:
 * an old verdict is no verdict. The whole is the worst of its suites: failing, errored, stale, unknown, slow, passing; those that are unsupported
 * are left out, and it is `unsupported` only where all of them are.
 */
import type { Health, Slowness, SuiteHealth, SuiteState } from '../model/health.ts';
import type { Verdict } from '../model/result.ts';
import type { Origin, RunSummary, StepRow, Store, StoreSnapshot } from './store.ts';

const states: readonly SuiteState[] = ['failing', 'errored', 'stale', 'unknown', 'slow', 'passing', 'unsupported'];
export const stateOf = {
  passed: 'passing',
  failed: 'failing',
  errored: 'errored',
  unsupported: 'unsupported',
} as const satisfies Record<Verdict, SuiteState>;

/** Milliseconds after which a result is stale: of every suite, or of each. */
export type Staleness = number | ((suite: string) => number);

/**
 * `suites`: those this process serves. Suites of other processes follow after them, by name, marked `remote`. One that has no
 * run of its own here and is reported by another process is that one's: a page that only shows must not call it stale, and
 * where nothing is scheduled neither when somebody ran it here once. `isScheduled`: default true.
 */
export function healthOf(
  snapshot: StoreSnapshot,
  suites: readonly { readonly name: string }[],
  now: Date,
  staleness: Staleness,
  isScheduled = true,
): Health {
  const newest = new Map(snapshot.newest.map((summary) => [summary.suite, summary]));
  const limit: Limit = { now: now.getTime(), ms: limitsOf(snapshot, staleness) };
  const others = othersHealth(snapshot, limit);
  const fresh = new Map(others.map(({ suite, state }) => [suite, state !== 'stale']));
  const own = suites
    .filter(({ name }) => newest.has(name) || !fresh.has(name))
    .map(({ name }) => localHealth(name, newest.get(name), snapshot, limit))
    .filter(({ suite, state }) => isScheduled || state !== 'stale' || !fresh.get(suite));
  const all = isScheduled ? [...own, ...others] : newestOfEach([...own, ...others]);
  const status = states.find((state) => all.some((suite) => suite.state === state)) ?? 'unknown';
  const instants = all.filter((suite) => suite.state === status).map((suite) => suite.since);
  // All is well since the last of them is; something is not since the first of them is not.
  const since = status === 'passing' ? latest(instants) : earliest(instants);
  const freshest = latest(all.map((suite) => suite.lastRun?.at));
  // What rests on results that are too old says nothing of now.
  const isRed = all.some(({ state }) => state === 'failing' || state === 'errored');
  const headline = isRed ? snapshot.headline : undefined;
  return { status, since, freshest, suites: all, ...(headline && { headline }) };
}

/** A page that only shows has each suite once: whoever ran it last, it or the suite's own process. */
function newestOfEach(all: readonly SuiteHealth[]): readonly SuiteHealth[] {
  const at = ({ lastRun }: SuiteHealth) => lastRun?.at ?? '';
  const isOlder = (one: SuiteHealth) => all.some((other) => other.suite === one.suite && at(other) > at(one));
  return all.filter((one) => !isOlder(one));
}

/**
 * Whether a pinger need not worry: all passes that is supported, be it slowly, or the process has just started, some suites pass already and the others are not late yet. Then the
 * status is unknown, and stale once one of them is late.
 */
export function isWell({ status, suites }: Health): boolean {
  return (
    status === 'passing' ||
    status === 'slow' ||
    status === 'unsupported' ||
    (status === 'unknown' && suites.some(({ state }) => state === 'passing' || state === 'slow'))
  );
}

/** Reads health as often as one likes: folds again only when the store or the freshness of a suite has changed. */
export function createHealth(
  store: Store,
  suites: readonly { readonly name: string }[],
  staleness: Staleness,
  { now = () => new Date(), isScheduled }: { readonly now?: () => Date; readonly isScheduled?: boolean } = {},
): () => Health {
  let known: { version: number; from: number; until: number; health: Health } | undefined;
  return () => {
    const at = now();
    const time = at.getTime();
    if (known?.version === store.version && time >= known.from && time < known.until) return known.health;
    const snapshot = store.snapshot();
    const health = healthOf(snapshot, suites, at, staleness, isScheduled);
    const until = nextStale(snapshot, suites, time, limitsOf(snapshot, staleness));
    known = { version: store.version, from: time, until, health };
    return health;
  };
}

/** Of a suite that runs here and elsewhere the worse one. */
export function healthOfSuite({ suites }: Health, suite: string): SuiteHealth | undefined {
  const found = suites.filter((one) => one.suite === suite);
  return found.sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state))[0];
}

/** Whose runs the suite's health is about. Default: this process's. */
export function originOf(health: SuiteHealth | undefined): Origin {
  return health?.remote ? 'remote' : 'local';
}

interface Limit {
  readonly now: number;
  /** Of a suite. */
  readonly ms: Limits;
}

type Limits = (suite: string, origin: Origin) => number;

/** A suite of another process is as old as that process says: it knows its schedule. */
function limitsOf({ reported }: StoreSnapshot, staleness: Staleness): Limits {
  const own = (suite: string) => (typeof staleness === 'number' ? staleness : staleness(suite));
  const limits = new Map(reported.map(({ suite, staleAfterMs }) => [suite, staleAfterMs ?? 0]));
  return (suite, origin) => Math.max(own(suite), origin === 'remote' ? (limits.get(suite) ?? 0) : 0);
}

function localHealth(
  suite: string,
  run: RunSummary | undefined,
  { startedAt, slowness }: StoreSnapshot,
  limit: Limit,
  origin: Origin = 'local',
): SuiteHealth {
  const staleAfterMs = limit.ms(suite, origin);
  const isOld = run !== undefined && limit.now > Date.parse(run.finishedAt) + staleAfterMs;
  // Of our own suites: a process that has just begun may still run it in time, whatever it remembers.
  const from = run && (origin === 'remote' || run.finishedAt > startedAt) ? run.finishedAt : startedAt;
  const staleAt = Date.parse(from) + staleAfterMs;
  const stale = limit.now > staleAt && {
    state: 'stale' as const,
    since: new Date(staleAt).toISOString(),
    staleAfterMs,
  };
  if (!run) return { suite, state: 'unknown', since: startedAt, steps: [], ...stale };
  const { id, finishedAt: at, durationMs, status, since, failing } = run;
  if (isOld && !stale)
    return { suite, state: 'unknown', since: startedAt, lastRun: { id, at, durationMs, status }, steps: [] };
  const health = { suite, state: stateOf[status], since, lastRun: { id, at, durationMs, status }, steps: failing };
  if (stale || status !== 'passed') return { ...health, ...stale };
  return { ...health, ...slowPart(slowness(run, origin)) };
}

function slowPart(found: Slowness | undefined): Partial<SuiteHealth> {
  if (!found) return {};
  const { since, ...slow } = found;
  return { state: 'slow', since, slow };
}

/** By suite, or by namespace where the other process did not name one. */
function othersHealth(snapshot: StoreSnapshot, limit: Limit): readonly SuiteHealth[] {
  const { remote, reported } = snapshot;
  const judged = new Map(reported.map((summary) => [summary.suite, summary]));
  const groups = Map.groupBy(remote, (row) => row.suite || row.namespace);
  const names = [...new Set([...groups.keys(), ...judged.keys()])].sort();
  return names.map((name) => {
    const rows = groups.get(name) ?? [];
    const run = judged.get(name);
    if (!run) return remoteHealth(name, rows, limit);
    const health: SuiteHealth = {
      ...localHealth(name, { ...run, finishedAt: run.endedAt }, snapshot, limit, 'remote'),
      remote: true,
    };
    // The steps of the next run: a red one has decided already, and if its verdict never comes they are all there is.
    const next = rows.filter((row) => row.run !== run.id);
    const steps = next.length > 0 ? remoteHealth(name, next, limit) : undefined;
    if (!steps || steps.state === 'stale') return health;
    if (steps.state === 'passing') return health.state === 'stale' ? steps : health;
    return steps.state === health.state ? { ...health, steps: steps.steps } : steps;
  });
}

/** Of steps alone. Only the newest run's rows count, where runs are named; else those younger than the limit; all of them when none is. */
function remoteHealth(suite: string, rows: readonly StepRow[], limit: Limit): SuiteHealth {
  const first = rows[0]!;
  const staleAfterMs = limit.ms(suite, 'remote');
  const isFresh = (row: StepRow) => limit.now <= Date.parse(row.recordedAt) + staleAfterMs;
  const counted = rows.filter((row) => (first.run ? row.run === first.run : isFresh(row)));
  const red = counted.filter((row) => row.status === 'failed' || row.status === 'errored');
  const status = red.some((row) => row.status === 'failed') ? 'failed' : red.length > 0 ? 'errored' : 'passed';
  const durationMs = counted.reduce((sum, row) => sum + (row.durationMs ?? 0), 0);
  const stale = !isFresh(first) && {
    state: 'stale' as const,
    since: new Date(Date.parse(first.recordedAt) + staleAfterMs).toISOString(),
    staleAfterMs,
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
function nextStale(
  { startedAt, newest, reported, remote }: StoreSnapshot,
  suites: readonly { readonly name: string }[],
  now: number,
  limitOf: Limits,
): number {
  const instants = [
    ...suites.map(({ name }) => Date.parse(startedAt) + limitOf(name, 'local')),
    ...newest.map(({ suite, finishedAt }) => Date.parse(finishedAt) + limitOf(suite, 'local')),
    ...reported.map(({ suite, endedAt }) => Date.parse(endedAt) + limitOf(suite, 'remote')),
    ...remote.map((row) => Date.parse(row.recordedAt) + limitOf(row.suite || row.namespace, 'remote')),
  ];
  const due = instants.map((at) => at + 1).filter((at) => at > now);
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
