/** A pure fold of the store. Types only. */
import type { Headline } from './diagnosis.ts';
import type { Verdict } from './result.ts';

/**
 * `slow`: its last run passed, and took longer than its limit; nobody is alarmed. `unsupported`: the cluster does not offer what the suite is
 * about; left out of the verdict.
 */
export type SuiteState = 'passing' | 'slow' | 'failing' | 'errored' | 'stale' | 'unknown' | 'unsupported';

/** Of a suite whose last run passed and was slow. */
export interface Slowness {
  /** The end of the first of the slow runs, without a faster one between. */
  readonly since: string;
  /** The limit: SLOW_<SUITE>, else three times the usual and at least 2,000 ms. */
  readonly afterMs: number;
  /** The median of the passed runs before, of the last 100; unset where fewer than ten are known. */
  readonly usualMs?: number;
}

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
  /** Of a slow one: what its last run is measured by. */
  readonly slow?: Omit<Slowness, 'since'>;
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
