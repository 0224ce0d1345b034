/** Runs that have started and are not over. */
import type { RunEvent } from '../model/event.ts';
import type { Runner } from '../model/outcome.ts';
import type { StepKind, StepResult, TriggerKind, Verdict } from '../model/result.ts';

export interface UnderwayRun {
  readonly id: string;
  readonly suite: string;
  readonly namespace: string;
  readonly trigger: TriggerKind;
  readonly startedAt: string;
  /** The suite's declared steps. */
  readonly declared: readonly string[];
  /** Those that have ended, in order. */
  readonly steps: readonly StepResult[];
  /** The step under way, and what it waits for. */
  readonly current?: { readonly name: string; readonly kind: StepKind; readonly startedAt: string; waiting?: string };
  /** Set once judged: what is left is the clean-up. */
  readonly verdict?: Verdict;
}

export interface Underway {
  record(event: RunEvent): void;
  list(): readonly UnderwayRun[];
}

/** Holds one run of each suite at most: a suite that starts anew is done with the run before. */
export function createUnderway(): Underway {
  const runs = new Map<string, UnderwayRun>();

  function change(suite: string, id: string, part: (run: UnderwayRun) => Partial<UnderwayRun>): void {
    const run = runs.get(suite);
    if (run?.id === id) runs.set(suite, { ...run, ...part(run) });
  }

  return {
    record(event) {
      switch (event.type) {
        case 'run-started': {
          const { run: id, suite, namespace, trigger, at: startedAt, steps: declared } = event;
          runs.set(suite, { id, suite, namespace, trigger, startedAt, declared, steps: [] });
          return;
        }
        case 'step-started': {
          const { step: name, kind, at: startedAt } = event;
          return change(event.suite, event.run, () => ({ current: { name, kind, startedAt } }));
        }
        case 'waiting':
          return change(event.suite, event.run, ({ current }) => ({
            current: current && { ...current, waiting: event.message },
          }));
        case 'step-finished':
          return change(event.suite, event.run, ({ steps, current }) => ({
            steps: [...steps, event.step],
            current: current?.name === event.step.name ? undefined : current,
          }));
        case 'run-judged':
          return change(event.result.suite, event.result.id, () => ({ verdict: event.result.status }));
        case 'run-withdrawn':
          if (runs.get(event.suite)?.id === event.run) runs.delete(event.suite);
          return;
        case 'run-finished':
          if (runs.get(event.result.suite)?.id === event.result.id) runs.delete(event.result.suite);
      }
    },
    list: () => [...runs.values()],
  };
}

/** A run without a verdict: it is under way, or waits for its namespace. */
export type UnfinishedRun =
  | (UnderwayRun & { readonly status: 'running' })
  | { readonly id: string; readonly suite: string; readonly since: string; readonly status: 'waiting' };

export function unfinishedRun(
  { underway }: { underway(): readonly UnderwayRun[] },
  { active }: Pick<Runner, 'active'>,
  id: string,
): UnfinishedRun | undefined {
  const run = underway().find((one) => one.id === id);
  if (run) return { ...run, status: 'running' };
  const waiting = active.find((one) => one.run === id);
  return waiting && { id, suite: waiting.suite, since: waiting.since, status: 'waiting' };
}
