/** How often the cluster did what a suite asks of it. Types only. */
import type { Verdict } from './result.ts';

/** Runs by their verdicts. Only passed and failed ones say anything of the cluster. */
export type Tally = Readonly<Record<Verdict, number>>;

export interface Level extends Tally {
  /** passed of passed and failed, 0 to 1; null where no run could judge. */
  readonly availability: number | null;
}

export interface Day extends Level {
  /** Its date in UTC, such as 2026-01-31. */
  readonly date: string;
}

export interface ServiceLevel {
  /** SLO_TARGET as a ratio, such as 0.999. */
  readonly target: number;
  /** The end of the first run that counts; unset before it. */
  readonly since?: string;
  /** To five minutes the last 24 h, to an hour the others; each at least as long as its name says. */
  readonly windows: Readonly<Record<'24h' | '7d' | '30d', Level>>;
  /** What is left of the failures that the target allows in 30 days: 1 all, 0 none, below 0 overdrawn; null where no run could judge. */
  readonly budgetLeft: number | null;
  /** How many times faster than the target allows the budget is spent: at 1 it lasts 30 days. */
  readonly burnRate: Readonly<Record<'1h' | '6h', number | null>>;
  /** The last 30 days in UTC, the oldest first; today is the last. */
  readonly days: readonly Day[];
}
