/**
 * One deadline per wait chain: what follows from one change we made (created → scheduled → ready) shares the time the
 * cluster has for it. A change begins a new chain; a wait does not.
 */
export class Patience {
  readonly #eventTimeoutMs: number;
  readonly #graceMs: (began: number) => number;
  #began = performance.now();
  #mostMs: number;

  /** `graceMs`: what an outage of the API server adds to a chain that began then; once more EVENT_TIMEOUT_SECONDS is the most that counts. */
  constructor(eventTimeoutMs: number, graceMs: (began: number) => number = () => 0) {
    this.#eventTimeoutMs = eventTimeoutMs;
    this.#mostMs = eventTimeoutMs;
    this.#graceMs = graceMs;
  }

  /**
   * We asked the cluster for something: it has EVENT_TIMEOUT_SECONDS from now, or `mostMs` where that is known to be enough, and never more than
   * `share` of EVENT_TIMEOUT_SECONDS. Returns the milliseconds.
   */
  begin(mostMs = Number.POSITIVE_INFINITY, share = 1): number {
    this.#began = performance.now();
    this.#mostMs = Math.min(mostMs, share * this.#eventTimeoutMs);
    return this.#mostMs;
  }

  get spentMs(): number {
    return performance.now() - this.#began;
  }

  get leftMs(): number {
    return Math.max(0, this.#mostMs + this.graceMs - this.spentMs);
  }

  /** Milliseconds on top, since the API server was away. */
  get graceMs(): number {
    return Math.min(this.#eventTimeoutMs, this.#graceMs(this.#began));
  }
}
