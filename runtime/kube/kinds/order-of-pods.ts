/** The order in which numbered pods come and go, as a watch shows it. Pure. */
import type { PodView } from '../../model/evidence.ts';
import { isReady } from './pod-conditions.ts';

/**
 * Told of every state of the pods that is seen. It judges by states alone, never by instants of several clocks: a pod that is there while the
 * one before it was never Ready came too early; one that goes while a higher one is there went too early.
 */
export class OrderOfPods {
  readonly #name: string;
  readonly #count: number;
  readonly #seen = new Set<string>();
  readonly #wasReady = new Set<string>();
  readonly #starts = new Map<string, string>();
  readonly #ends = new Map<string, string>();
  readonly #excused = new Set<string>();
  #isShrinking = false;

  constructor(name: string, count: number) {
    this.#name = name;
    this.#count = count;
  }

  get wrongStarts(): readonly string[] {
    return [...this.#starts.values()];
  }

  get wrongEnds(): readonly string[] {
    return [...this.#ends.values()];
  }

  /** From now on pods go since they were asked to. */
  shrinks(): void {
    this.#isShrinking = true;
  }

  see(pods: readonly PodView[]): void {
    for (const pod of pods) {
      if (isReady(pod)) this.#wasReady.add(pod.name);
      if (isDisrupted(pod)) this.#excused.add(pod.name);
    }
    if (this.#isShrinking) this.#seeEnds(pods);
    else this.#seeStarts(pods);
    for (const { name } of pods) this.#seen.add(name);
  }

  #seeStarts(pods: readonly PodView[]): void {
    for (const { name } of pods) {
      const number = this.#numberOf(name);
      if (this.#seen.has(name)) continue;
      if (number === undefined || number >= this.#count)
        this.#starts.set(name, `pod/${name} is not one of ${this.#nameOf(0)} to ${this.#nameOf(this.#count - 1)}`);
      else if (number > 0 && !this.#wasReady.has(this.#nameOf(number - 1)))
        this.#starts.set(name, `pod/${name} was made before pod/${this.#nameOf(number - 1)} was Ready`);
    }
  }

  #seeEnds(pods: readonly PodView[]): void {
    const there = new Map(pods.map((pod) => [pod.name, pod]));
    for (let number = 0; number < this.#count - 1; number++) {
      const name = this.#nameOf(number);
      const pod = there.get(name);
      const goes = this.#seen.has(name) && !this.#excused.has(name) && (!pod || pod.deletedAt);
      const higher = this.#nameOf(number + 1);
      if (goes && there.has(higher) && !this.#ends.has(name))
        this.#ends.set(name, `pod/${name} goes while pod/${higher} is there`);
    }
  }

  #nameOf(number: number): string {
    return `${this.#name}-${number}`;
  }

  #numberOf(name: string): number | undefined {
    const [, digits] = name.startsWith(`${this.#name}-`) ? (/-(\d+)$/.exec(name) ?? []) : [];
    return digits === undefined ? undefined : Number(digits);
  }
}

/** Somebody else takes it: an eviction, a preemption, a taint. */
function isDisrupted({ conditions }: PodView): boolean {
  return conditions.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
}
