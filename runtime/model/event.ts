/** Live events, in the order in which they happen, and where they go. Types only. */
import type { RunResult, StepKind, StepResult, TriggerKind } from './result.ts';

export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly trigger: TriggerKind;
      readonly at: string;
      /** The suite's declared steps. */
      readonly steps: readonly string[];
    }
  | {
      readonly type: 'step-started';
      readonly run: string;
      readonly suite: string;
      readonly step: string;
      readonly kind: StepKind;
      readonly at: string;
    }
  /** What the step waits for and what the objects show; at most two a second and step. */
  | {
      readonly type: 'waiting';
      readonly run: string;
      readonly suite: string;
      readonly step: string;
      readonly message: string;
      readonly at: string;
    }
  | {
      readonly type: 'step-finished';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly step: StepResult;
    }
  /** Instead of a verdict: another process has the namespace, and the run never began. Its last event. */
  | {
      readonly type: 'run-withdrawn';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly holder: string;
      readonly at: string;
    }
  /** The verdict is known; clean-up begins. `result` lacks the clean-up steps. */
  | { readonly type: 'run-judged'; readonly result: RunResult }
  /** The last event of a run: clean-up is over. */
  | { readonly type: 'run-finished'; readonly result: RunResult };

/** Where results go: store, statsd, Prometheus, log, remote dashboard. A sink that throws never fails a run. */
export interface Sink {
  readonly name: string;
  record(event: RunEvent): void;
  /** Sends what is buffered; called once at shutdown, at most 5 s. */
  close?(): Promise<void>;
}
