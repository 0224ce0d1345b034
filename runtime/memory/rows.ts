/** The table of all steps: the latest result of each (suite, namespace, test name), newest first. */
import type { StepStatus } from '../model/result.ts';
import { cut } from '../words/text.ts';

/** One message and how many times it was seen. */
export type Detail = readonly [message: string, count: number];

/** `remote`: another process told it, by POST /update or PUT /results. */
export type Origin = 'local' | 'remote';

export interface StepRow {
  readonly origin: Origin;
  /** '' where a remote process did not say. */
  readonly suite: string;
  readonly namespace: string;
  /** The step's name: the original's "test name". */
  readonly name: string;
  readonly passing: boolean;
  readonly status: StepStatus;
  readonly details: readonly Detail[];
  /** When the step ended, by the clock of whoever ran it. */
  readonly at: string;
  /** When it was recorded here; what freshness goes by. */
  readonly recordedAt: string;
  readonly run?: string;
  readonly durationMs?: number;
}

export interface Rows {
  /**
   * Replaces the row of the same origin, suite, namespace and name, unless that one is newer. False: it was older and is dropped.
   * `anyway`: it is of the newest run, whatever the clocks say.
   */
  put(row: StepRow, anyway?: boolean): boolean;
  /** Drops the suite's rows that are not of this run: steps that it did not meet again say nothing any more. */
  keepOnly(suite: string, run: string): void;
  /** Newest first. */
  list(): readonly StepRow[];
}

/** The most characters that the details of one row keep. */
const longestDetails = 4_000;
const mostDetails = 50;

/** Twice what one answer shows of them (`sendable`). */
const mostCharacters = 4_000_000;

/**
 * Holds at most `capacity` rows and drops the one that was recorded longest ago. Where the details of all are longer than 4,000,000 characters,
 * those that were recorded longest ago keep 100 each.
 */
export function createRows(capacity: number): Rows {
  const rows = new Map<string, StepRow>();
  /** Key → characters, of the rows whose details are long; oldest first. */
  const long = new Map<string, number>();
  let characters = 0;
  /** A suite is asked for at every verdict: its keys must not be searched among all. */
  const keysOf = new Map<string, Set<string>>();

  function drop(key: string): void {
    const { suite } = rows.get(key)!;
    rows.delete(key);
    count(key, []);
    const keys = keysOf.get(suite)!;
    keys.delete(key);
    if (keys.size === 0) keysOf.delete(suite);
  }

  function count(key: string, details: readonly Detail[]): void {
    characters -= long.get(key) ?? 0;
    long.delete(key);
    const size = sizeOf(details);
    if (size <= shortDetails) return;
    long.set(key, size);
    characters += size;
  }

  function shorten(): void {
    const [key] = long.keys();
    const row = rows.get(key!)!;
    rows.set(key!, Object.freeze({ ...row, details: bounded(row.details, shortDetails) }));
    count(key!, []);
  }

  return {
    put(row, anyway = row.origin === 'local') {
      const key = JSON.stringify([row.suite, row.namespace, row.name]);
      const known = rows.get(key);
      // Our own results come in their order, whatever the clock does.
      if (!anyway && known && known.at > row.at) return false;
      rows.delete(key);
      const details = bounded(row.details);
      rows.set(key, Object.freeze({ ...row, details }));
      count(key, details);
      while (characters > mostCharacters) shorten();
      keysOf.set(row.suite, (keysOf.get(row.suite) ?? new Set()).add(key));
      if (rows.size > capacity) drop(rows.keys().next().value!);
      return true;
    },
    keepOnly(suite, run) {
      for (const key of [...(keysOf.get(suite) ?? [])]) if (rows.get(key)!.run !== run) drop(key);
    },
    list: () => [...rows.values()].reverse(),
  };
}

function sizeOf(details: readonly Detail[]): number {
  return details.reduce((sum, [message]) => sum + message.length, 0);
}

function bounded(details: readonly Detail[], most = longestDetails): readonly Detail[] {
  let left = most;
  const kept: Detail[] = [];
  for (const [message, count] of details.slice(0, mostDetails)) {
    if (left <= 0) break;
    kept.push([cut(message, left), count]);
    left -= message.length;
  }
  return kept.length === details.length ? kept : [...kept, [`${details.length - kept.length} more not kept`, 1]];
}

/** As many rows as one answer may hold. */
const mostRows = 5_000;
const mostDetailsCharacters = 2_000_000;
/** What each row shows of its details once these are spent. */
const shortDetails = 100;

/** The newest rows, in a size that can be sent: past some 2 MB of details each shows 100 characters. */
export function sendable(rows: readonly StepRow[]): readonly StepRow[] {
  let left = mostDetailsCharacters;
  return rows.slice(0, mostRows).map((row) => {
    const size = sizeOf(row.details);
    left -= size;
    return left >= 0 || size <= shortDetails ? row : { ...row, details: bounded(row.details, shortDetails) };
  });
}
