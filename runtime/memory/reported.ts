/** Runs that other processes reported whole: the same history as our own, and when each ended. */
import type { RunResult } from '../model/result.ts';
import { createHistory, type History, type PackedRun, type RunSummary } from './history.ts';

/** The largest report of a run, in bytes of JSON: what is sent, and what is taken. */
export const largestReportBytes = 256 * 1024;

export interface ReportedSummary extends RunSummary {
  /** When it ended, by our clock; what the order of the runs, and freshness, go by. */
  readonly endedAt: string;
  /** By the schedule of the other process: how old it may be. */
  readonly staleAfterMs?: number;
}

export interface Reported {
  readonly history: History;
  /** The newest run of every suite that has one. */
  newest(): readonly ReportedSummary[];
  /**
   * The newest of its suite, unless one that ended later is known. `endedAt`: by our clock, whatever the other's says. Returns why it cannot
   * be kept, where it cannot. `maintenance`: a part of it was in a window.
   */
  add(result: RunResult, endedAt: string, staleAfterMs?: number, maintenance?: boolean): string | undefined;
  /** A run from before a restart. They come in the order in which they ended, before any other. */
  restore(run: PackedRun & { readonly staleAfterMs?: number }): void;
}

const mostSuites = 1_000;

export function createReported(runsPerSuite: number, evidenceRuns: number): Reported {
  const history = createHistory(runsPerSuite, evidenceRuns);
  /** Suite → when its newest run ended, and how long that holds. */
  const ended = new Map<string, Pick<ReportedSummary, 'endedAt' | 'staleAfterMs'>>();

  return {
    history,
    restore(run) {
      const { suite } = run.summary;
      if (!ended.has(suite) && ended.size >= mostSuites) return;
      history.restore(run);
      const { staleAfterMs } = run;
      const endedAt = new Date(run.endedAt).toISOString();
      ended.set(suite, { endedAt, ...(staleAfterMs !== undefined && { staleAfterMs }) });
    },
    newest: () => history.newest().map((summary) => ({ ...summary, ...ended.get(summary.suite)! })),
    add(result, endedAt, staleAfterMs, maintenance) {
      const { suite, id } = result;
      if (!ended.has(suite) && ended.size >= mostSuites)
        return `Runs of ${mostSuites} suites are kept already, and this is of another one`;
      const known = history.byId(id);
      if (known && known.suite !== suite)
        return 'The id is that of a run of another suite: give each run one of its own';
      if (known && history.latest(suite)?.id !== id) return undefined;
      history.add(result, Date.parse(endedAt), maintenance);
      if (history.latest(suite)?.id !== id) return undefined;
      ended.set(suite, { endedAt, ...(staleAfterMs !== undefined && { staleAfterMs }) });
      return undefined;
    },
  };
}
