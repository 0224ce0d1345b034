/** One run, as the parts that observe the cluster for it see it. Types only. */
import type { ProbeView } from './evidence.ts';
import type { Measurement } from './measurement.ts';
import type { Suite } from './suite.ts';

/** One run, as the parts that observe the cluster for it see it. */
export interface RunScope {
  readonly id: string;
  readonly suite: Suite;
  readonly namespace: string;
  /** Aborted at the run's deadline, at shutdown and when its lock is lost. */
  readonly signal: AbortSignal;
  /** Takes the figure down for the step under way. */
  measure(measurement: Measurement): void;
  /** A readable fact for the step under way. */
  note(text: string): void;
  /** What is waited for and what the objects show; shown live. */
  waiting(message: string): void;
  /** Keeps an observation for evidence. */
  observed(probe: ProbeView): void;
  /** Ends the run as errored, such as when its lock is lost. */
  abort(reason: Error): void;
}
