/** The last runs of every suite: the newest as it is, the older ones packed, evidence on the newest failed ones only. */
import type { RunResult, StepResult, Verdict } from '../model.ts';
import { pack, unpack, withoutEvidence } from './packing.ts';

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
  /** Names of the steps that failed or errored, in order. */
  readonly failing: readonly string[];
}

interface Entry {
  readonly summary: RunSummary;
  /** Exactly one of the two is set. */
  result?: RunResult;
  packed?: string;
  hasEvidence: boolean;
}

export interface History {
  /** Adds a run, or replaces it where its id is known (a judged run that has now finished). */
  add(result: RunResult): void;
  latest(suite: string): RunResult | undefined;
  /** The newest run of every suite that has one. */
  newest(): readonly RunSummary[];
  /** Newest first. */
  summaries(suite: string): readonly RunSummary[];
  byId(id: string): RunResult | undefined;
}

const none: readonly string[] = Object.freeze([]);

export function createHistory(runsPerSuite: number, evidenceRuns: number): History {
  /** Oldest first. */
  const suites = new Map<string, Entry[]>();
  const ids = new Map<string, Entry>();

  function settle(entries: Entry[]): void {
    const older = entries.at(-2);
    if (older?.result) {
      older.packed = pack(older.result);
      older.result = undefined;
    }
    const rich = entries.filter((entry) => entry.hasEvidence);
    for (const entry of rich.slice(0, Math.max(0, rich.length - evidenceRuns))) strip(entry);
    while (entries.length > runsPerSuite) ids.delete(entries.shift()!.summary.id);
  }

  return {
    add(result) {
      const entries = suites.get(result.suite) ?? [];
      suites.set(result.suite, entries);
      if (entries.at(-1)?.summary.id === result.id) entries.pop();
      const entry = entryOf(result, entries.at(-1)?.summary);
      entries.push(entry);
      ids.set(result.id, entry);
      settle(entries);
    },
    latest: (suite) => read(suites.get(suite)?.at(-1)),
    newest: () => [...suites.values()].map((entries) => entries.at(-1)!.summary),
    summaries: (suite) => (suites.get(suite) ?? []).map((entry) => entry.summary).reverse(),
    byId: (id) => read(ids.get(id)),
  };
}

function entryOf(result: RunResult, before: RunSummary | undefined): Entry {
  const failing = result.steps.filter(isRed).map((step) => step.name);
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
      failing: failing.length > 0 ? Object.freeze(failing) : none,
    }),
    result,
    hasEvidence: result.steps.some((step) => step.findings.some((finding) => finding.evidence)),
  };
}

function isRed(step: StepResult): boolean {
  return step.status === 'failed' || step.status === 'errored';
}

function strip(entry: Entry): void {
  const result = read(entry);
  entry.hasEvidence = false;
  if (!result) return;
  if (entry.packed === undefined) entry.result = withoutEvidence(result);
  else entry.packed = pack(withoutEvidence(result));
}

function read(entry: Entry | undefined): RunResult | undefined {
  return entry?.result ?? (entry?.packed === undefined ? undefined : unpack(entry.packed));
}
