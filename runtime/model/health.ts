/** A pure fold of the store. Types only. */
import type { Headline } from './diagnosis.ts';
import type { Verdict } from './result.ts';

/** `unsupported`: the cluster does not offer what the suite is about; left out of the verdict. */
export type SuiteState = 'passing' | 'failing' | 'errored' | 'stale' | 'unknown' | 'unsupported';

export interface SuiteHealth {
  readonly suite: string;
  /** Its results came by POST /update from another process. */
  readonly remote?: true;
  readonly state: SuiteState;
  /** When it came into this state, as far as the memory reaches. */
  readonly since?: string;
  readonly lastRun?: {
    readonly id: string;
    readonly at: string;
    readonly durationMs: number;
    readonly status: Verdict;
  };
  /** Names of the steps that are failing or errored in the last run. */
  readonly steps: readonly string[];
  /** Of a stale one: how old its newest result may be. */
  readonly staleAfterMs?: number;
}

export interface Health {
  readonly status: SuiteState;
  readonly since?: string;
  /** Instant of the newest result. */
  readonly freshest?: string;
  readonly suites: readonly SuiteHealth[];
  readonly headline?: Headline;
}
