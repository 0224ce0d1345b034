import { findingsOf } from '../defects.ts';
import type { RunEvent } from '../model/event.ts';
import type { Measurement } from '../model/measurement.ts';
import type { StepKind, StepResult } from '../model/result.ts';
import { statusOf } from './verdict.ts';

interface Place {
  readonly run: string;
  readonly suite: string;
  readonly namespace: string;
}

export interface TakenStep<T> {
  readonly result: StepResult;
  readonly value?: T;
}

const longestWaitingMs = 500;

/** The steps of one run, one after another: times each, catches what it throws, collects its figures, tells the world. */
export class Steps {
  /** No further step may run. */
  isOver = false;
  readonly #place: Place;
  readonly #record: (event: RunEvent) => void;
  readonly #results: StepResult[] = [];
  readonly #measurements: Measurement[] = [];
  readonly #notes: string[] = [];
  #current: string | undefined;
  /** Told once it is known to wait. */
  #announced: StepKind | undefined;
  #publishedAt = 0;

  constructor(place: Place, record: (event: RunEvent) => void) {
    this.#place = place;
    this.#record = record;
  }

  get results(): readonly StepResult[] {
    return this.#results;
  }

  /** Runs a step raced against `signal`; what it throws becomes findings. Not kept yet. `began`: it was under way before it was known to be one. */
  async take<T>(
    name: string,
    kind: StepKind,
    fn: () => T | Promise<T>,
    signal: AbortSignal,
    began = performance.now(),
  ): Promise<TakenStep<T>> {
    const startedAt = new Date(Date.now() - (performance.now() - began)).toISOString();
    const { run, suite } = this.#place;
    this.#current = name;
    this.#publishedAt = 0;
    this.#record({ type: 'step-started', run, suite, step: name, kind, at: startedAt });
    let findings: StepResult['findings'] = [];
    let value: T | undefined;
    try {
      value = await raced(fn, signal);
    } catch (error) {
      findings = findingsOf(signal.aborted ? signal.reason : error);
    }
    const durationMs = toMicroseconds(performance.now() - began);
    this.#current = undefined;
    // Copies: a figure that comes late, from a watch, belongs to the next step.
    const figures = { measurements: [...this.#measurements], notes: [...this.#notes] };
    this.#measurements.length = 0;
    this.#notes.length = 0;
    return { result: { name, kind, status: statusOf(findings), startedAt, durationMs, findings, ...figures }, value };
  }

  /** What may turn out to wait; only then it is told to have started. */
  announce(name: string, kind: StepKind): void {
    this.#current = name;
    this.#announced = kind;
    this.#publishedAt = 0;
  }

  withdraw(): void {
    this.#current = undefined;
    this.#announced = undefined;
  }

  keep(step: StepResult): void {
    this.#results.push(step);
    this.#record({ type: 'step-finished', ...this.#place, step });
  }

  measure(measurement: Measurement): void {
    this.#measurements.push(
      'durationMs' in measurement
        ? { ...measurement, durationMs: toMicroseconds(measurement.durationMs) }
        : measurement,
    );
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** At most two a second and step. */
  waiting(message: string): void {
    const now = performance.now();
    if (!this.#current || (this.#publishedAt && now - this.#publishedAt < longestWaitingMs)) return;
    this.#publishedAt = now;
    const { run, suite } = this.#place;
    const at = new Date().toISOString();
    const step = this.#current;
    if (this.#announced) this.#record({ type: 'step-started', run, suite, step, kind: this.#announced, at });
    this.#announced = undefined;
    this.#record({ type: 'waiting', run, suite, step, message, at });
  }
}

/** Rejects with the signal's reason when that comes first; what `fn` does afterwards is nobody's business any more. */
function raced<T>(fn: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve()
      .then(fn)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Milliseconds to three places: what the clock has beyond that is noise, and long in JSON. */
export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
