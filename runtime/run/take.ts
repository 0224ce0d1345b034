import { Defect, findingsOf } from '../defects.ts';
import type { StepKind, StepResult } from '../model/result.ts';
import type { Session } from '../model/session-contract.ts';
import { believable } from './believable.ts';
import type { FirstFailure } from './first-failure.ts';
import { listOf, removalsBehind, removedAgain } from './retake.ts';
import { Standstill } from './standstill.ts';
import type { Steps, TakenStep } from './steps.ts';
import { statusOf } from './verdict.ts';

export interface TakerParts {
  readonly steps: Steps;
  readonly session: Session | undefined;
  readonly firstFailure: FirstFailure;
  /** The run's. */
  readonly abort: AbortController;
}

export interface StepToTake<T> {
  readonly name: string;
  readonly kind: StepKind;
  readonly fn: (again: boolean) => T | Promise<T>;
  /** It was under way before it was known to be one; by `performance.now()`. */
  readonly began?: number;
}

/** Takes a step, and keeps what can be said of it: of a process that was there, of pods that were, with the first failure's evidence. */
export class StepTaker {
  readonly #parts: TakerParts;
  readonly #standstill = new Standstill();

  constructor(parts: TakerParts) {
    this.#parts = parts;
  }

  async take<T>(step: StepToTake<T>): Promise<{ passed: boolean; value?: T }> {
    const { steps, firstFailure } = this.#parts;
    const began = step.began ?? performance.now();
    const { result, value } = await this.#undisturbed({ ...step, began });
    const passed = result.status === 'passed';
    steps.keep(passed ? result : { ...result, findings: await firstFailure.explain(result.findings) });
    return { passed, value };
  }

  end(): void {
    this.#standstill.end();
  }

  async #undisturbed<T>(step: StepToTake<T> & { began: number }): Promise<TakenStep<T>> {
    const { session, steps } = this.#parts;
    const first = await this.#once(step, false);
    if (step.kind !== 'step' && step.kind !== 'check') return first;
    const removals = await removalsBehind(first.result.findings, session);
    if (removals.length === 0) return first;
    steps.note(`repeated, since somebody else removed test pods during the step: ${listOf(removals)}`);
    const second = await this.#once(step, true);
    const more = await removalsBehind(second.result.findings, session);
    if (more.length === 0 || !session) return second;
    const findings = findingsOf(removedAgain(await session.explained(more)));
    return { result: { ...second.result, status: statusOf(findings), findings } };
  }

  async #once<T>({ name, kind, fn, began }: StepToTake<T>, again: boolean): Promise<TakenStep<T>> {
    const { steps, session, abort } = this.#parts;
    const from = again ? performance.now() : (began ?? performance.now());
    const { result: seen, value } = await steps.take(name, kind, () => fn(again), abort.signal, began);
    const result: StepResult = await believable(seen, session, this.#standstill, from);
    // There is nothing to go on with.
    if (result !== seen) abort.abort(new Defect('run.aborted', 'The run cannot judge'));
    return { result, value };
  }
}
