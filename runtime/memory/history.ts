/** The last runs of every suite: the newest as it is, the older ones packed, evidence on the newest failed ones only. */
import type { RunResult, StepResult, Verdict } from '../model/result.ts';
import { cut } from '../words/text.ts';
import { hasEvidence, pack, unpack, withoutEvidence } from './packing.ts';

/** One run as a list shows it. */
export interface RunSummary {
  readonly id: string;
  readonly suite: string;
  readonly namespace: string;
  readonly status: Verdict;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  /** When the first of the runs before it that ended alike, without another between, finished. */
  readonly since: string;
  /** Names of the steps that failed or errored, in order; at most 20. */
  readonly failing: readonly string[];
  /** A part of it was in a maintenance window: it is left out of the service levels. */
  readonly maintenance?: true;
}

/** A run of the past as it is kept. */
export interface PackedRun {
  readonly summary: RunSummary;
  /** As packing.ts packs it. */
  readonly packed: string;
  readonly hasEvidence: boolean;
  /** Milliseconds since 1970, by our clock. */
  readonly endedAt: number;
}

interface Entry {
  readonly summary: RunSummary;
  /** Exactly one of the two is set. */
  result?: RunResult;
  packed?: string;
  hasEvidence: boolean;
  /** Milliseconds since 1970, by our clock; what the order of the entries goes by. */
  readonly endedAt: number;
}

interface Kept {
  /** Oldest first. */
  readonly entries: Entry[];
  /** Of the packed ones. */
  bytes: number;
}

export interface History {
  /**
   * Adds a run, or replaces the newest where the id is its own (a judged run that has now finished). `endedAt`: milliseconds since 1970, by
   * our clock; a run that ended before others goes before them. Default: it is the newest. `maintenance`: a part of it was in a window.
   */
  add(result: RunResult, endedAt?: number, maintenance?: boolean): void;
  /** A run from before a restart. They come in the order in which they ended, before any other. */
  restore(run: PackedRun): void;
  latest(suite: string): RunResult | undefined;
  /** The newest run of every suite that has one. */
  newest(): readonly RunSummary[];
  /** Newest first. */
  summaries(suite: string): readonly RunSummary[];
  byId(id: string): RunResult | undefined;
}

const none: readonly string[] = Object.freeze([]);

/** The newest run is kept as it is up to that size, as JSON. */
const largestOpenCharacters = 65_536;
const mostNamed = 20;
const longestName = 100;

/**
 * `largestBytes`: of all packed runs together. Where they are larger, the suite that holds most of them gives up its oldest. Default
 * 20 MB: 100 runs of 20 steps of 400 suites.
 */
export function createHistory(runsPerSuite: number, evidenceRuns: number, largestBytes = 20_000_000): History {
  const suites = new Map<string, Kept>();
  const ids = new Map<string, Entry>();
  let bytes = 0;

  function replace(kept: Kept, entry: Entry, packed: string): void {
    const more = packed.length - (entry.packed?.length ?? 0);
    kept.bytes += more;
    bytes += more;
    entry.packed = packed;
    entry.result = undefined;
  }

  function forget(kept: Kept, entry: Entry): void {
    ids.delete(entry.summary.id);
    kept.bytes -= entry.packed?.length ?? 0;
    bytes -= entry.packed?.length ?? 0;
  }

  function settle(kept: Kept): void {
    const { entries } = kept;
    const older = entries.at(-2);
    if (older?.result) replace(kept, older, pack(older.result));
    const rich = entries.filter((entry) => entry.hasEvidence);
    for (const entry of rich.slice(0, Math.max(0, rich.length - evidenceRuns))) strip(kept, entry);
    while (entries.length > runsPerSuite) forget(kept, entries.shift()!);
    while (bytes > largestBytes) {
      const largest = [...suites.values()].reduce((most, one) => (one.bytes > most.bytes ? one : most));
      if (largest.entries.length < 2) break;
      forget(largest, largest.entries.shift()!);
    }
  }

  function strip(kept: Kept, entry: Entry): void {
    const result = read(entry);
    entry.hasEvidence = false;
    if (!result) return;
    if (entry.packed === undefined) entry.result = withoutEvidence(result);
    else replace(kept, entry, pack(withoutEvidence(result)));
  }

  function keptOf(suite: string): Kept {
    const known = suites.get(suite) ?? { entries: [], bytes: 0 };
    suites.set(suite, known);
    return known;
  }

  return {
    restore({ summary, packed, hasEvidence, endedAt }) {
      const kept = keptOf(summary.suite);
      const entry: Entry = { summary: Object.freeze(summary), hasEvidence, endedAt };
      kept.entries.push(entry);
      ids.set(summary.id, entry);
      replace(kept, entry, packed);
      settle(kept);
    },
    add(result, endedAt = Number.POSITIVE_INFINITY, maintenance = false) {
      const kept = keptOf(result.suite);
      const { entries } = kept;
      if (entries.at(-1)?.summary.id === result.id) forget(kept, entries.pop()!);
      const place = entries.findLastIndex((one) => one.endedAt <= endedAt) + 1;
      const entry = { ...entryOf(result, entries[place - 1]?.summary, maintenance), endedAt };
      entries.splice(place, 0, entry);
      ids.set(result.id, entry);
      // The newest is read all the time; a huge one is not worth its memory.
      const isNewest = place === entries.length - 1;
      if (!isNewest || JSON.stringify(result).length > largestOpenCharacters) replace(kept, entry, pack(result));
      settle(kept);
    },
    latest: (suite) => read(suites.get(suite)?.entries.at(-1)),
    newest: () => [...suites.values()].map(({ entries }) => entries.at(-1)!.summary),
    summaries: (suite) => (suites.get(suite)?.entries ?? []).map((entry) => entry.summary).reverse(),
    byId: (id) => read(ids.get(id)),
  };
}

function entryOf(result: RunResult, before: RunSummary | undefined, maintenance: boolean): Omit<Entry, 'endedAt'> {
  const failing = result.steps.filter(isRed).map((step) => cut(step.name, longestName));
  return {
    summary: Object.freeze({
      id: result.id,
      suite: result.suite,
      namespace: result.namespace,
      status: result.status,
      startedAt: result.startedAt,
      finishedAt: result.finishedAt,
      durationMs: result.durationMs,
      since: before?.status === result.status ? before.since : result.finishedAt,
      failing: failing.length > 0 ? Object.freeze(failing.slice(0, mostNamed)) : none,
      ...(maintenance && { maintenance }),
    }),
    result,
    hasEvidence: hasEvidence(result),
  };
}

function isRed(step: StepResult): boolean {
  return step.status === 'failed' || step.status === 'errored';
}

function read(entry: Entry | undefined): RunResult | undefined {
  return entry?.result ?? (entry?.packed === undefined ? undefined : unpack(entry.packed));
}
