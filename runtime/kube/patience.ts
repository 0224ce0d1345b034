/**
 * One deadline per wait chain: what follows from one change we made (created → scheduled → ready) shares the time the
 * cluster has for it. A change begins a new chain; a wait does not.
 */
export class Patience {
  readonly #eventTimeoutMs: number;
  #began = performance.now();

  constructor(eventTimeoutMs: number) {
    this.#eventTimeoutMs = eventTimeoutMs;
  }

  /** We asked the cluster for something: it has EVENT_TIMEOUT_SECONDS from now. */
  begin(): void {
    this.#began = performance.now();
  }

  get spentMs(): number {
    return performance.now() - this.#began;
  }

  get leftMs(): number {
    return Math.max(0, this.#eventTimeoutMs - this.spentMs);
  }
}
