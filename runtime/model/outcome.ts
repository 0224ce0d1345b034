/** The runner, as triggers see it. Types only. */
import type { RunResult, TriggerKind } from './result.ts';
import type { Suite } from './suite.ts';

export type StartOutcome =
  | {
      readonly kind: 'run';
      readonly id: string;
      readonly joined: boolean;
      readonly judged: Promise<RunResult>;
      readonly finished: Promise<RunResult>;
    }
  /** Only while shutting down. */
  | { readonly kind: 'closing' };

export interface Runner {
  /** Starts a run, or joins the one under way. `judged` rejects with Held when another process holds the namespace. */
  start(suite: Suite, trigger: TriggerKind): StartOutcome;
  /** Suites that run or wait for their namespace now. */
  readonly active: readonly { suite: string; run: string; since: string }[];
  /** Refuses new runs, aborts those that are under way after `graceMs` (default 0), and resolves when their clean-up is over. */
  close(graceMs?: number): Promise<void>;
}
