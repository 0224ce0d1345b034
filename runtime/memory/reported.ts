/** Runs that other processes reported whole: the same history as our own, and when each was told. */
import type { RunResult } from '../model/result.ts';
import { createHistory, type History, type RunSummary } from './history.ts';

/** The largest report of a run, in bytes of JSON: what is sent, and what is taken. */
export const largestReportBytes = 256 * 1024;

export interface ReportedSummary extends RunSummary {
  /** By our clock; what freshness goes by. */
  readonly receivedAt: string;
  /** By the schedule of the other process: how old it may be. */
  readonly staleAfterMs?: number;
}

export interface Reported {
  readonly history: History;
  /** The newest run of every suite that has one. */
  newest(): readonly ReportedSummary[];
  /** The newest of its suite, unless it is known and a newer one is too. Returns why it cannot be kept, where it cannot. */
  add(result: RunResult, now: string, staleAfterMs?: number): string | undefined;
}

const mostSuites = 1_000;

export function createReported(runsPerSuite: number, evidenceRuns: number): Reported {
  const history = createHistory(runsPerSuite, evidenceRuns);
  /** Suite → when its newest run was told, and how long that holds. */
  const received = new Map<string, Pick<ReportedSummary, 'receivedAt' | 'staleAfterMs'>>();

  return {
    history,
    newest: () => history.newest().map((summary) => ({ ...summary, ...received.get(summary.suite)! })),
    add(result, receivedAt, staleAfterMs) {
      const { suite, id } = result;
      if (!received.has(suite) && received.size >= mostSuites)
        return `Runs of ${mostSuites} suites are kept already, and this is of another one`;
      const known = history.byId(id);
      if (known && known.suite !== suite)
        return 'The id is that of a run of another suite: give each run one of its own';
      if (known && history.latest(suite)?.id !== id) return undefined;
      history.add(result);
      received.set(suite, { receivedAt, ...(staleAfterMs !== undefined && { staleAfterMs }) });
      return undefined;
    },
  };
}
