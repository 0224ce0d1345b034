/** How much the store keeps, for how long, and what beside it. Types only. */
import type { HeadlineOf } from './headlines.ts';
import type { Change, Remembered } from './kept.ts';

export interface StoreOptions {
  /** Runs kept of each suite. Default 100. */
  readonly runsPerSuite?: number;
  /** Failed runs of each suite that keep their evidence. Default 3. */
  readonly evidenceRuns?: number;
  /** Events kept for listeners that come back. Default 5,000. */
  readonly events?: number;
  /** Rows kept of steps that this process ran. Default 30,000. */
  readonly localRows?: number;
  /** Rows kept of steps of other processes. Default 5,000. */
  readonly remoteRows?: number;
  /** The diagnosis of the latest run of every suite; asked after every verdict. Default: there is none. */
  readonly headlineOf?: HeadlineOf;
  /** How long a run of another process counts for the diagnosis: TIME_TO_REPORT_PROBLEM, in milliseconds. Default 20 minutes. */
  readonly reportedForMs?: number;
  /** SLO_TARGET as a ratio. Default 0.999. */
  readonly sloTarget?: number;
  /** SLOW_<SUITE> in milliseconds: beyond it a passed run is slow. Default: three times the median, and at least 2,000 ms. */
  readonly slowAfterMs?: (suite: string) => number | undefined;
  /** Whether any of that time, milliseconds since 1970, was in a maintenance window. Default: none was. */
  readonly inMaintenance?: (from: number, to: number) => boolean;
  /** What was kept before a restart. Default: nothing. */
  readonly remembered?: Remembered;
  /** Gets every change that is to outlive the process. Must neither throw nor wait. Default: nobody. */
  readonly keep?: (change: Change) => void;
  /** Whether this process runs the suite: of others it does not take up its own runs again. Default: all. */
  readonly serves?: (suite: string) => boolean;
  /** Default: the system's clock. */
  readonly now?: () => Date;
}
