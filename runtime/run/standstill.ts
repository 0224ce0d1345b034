const beatMs = 500;

/** Whether this process itself stood still: stopped, starved, or held up by somebody's loop. By the monotonic clock. */
export class Standstill {
  readonly #timer: NodeJS.Timeout;
  readonly #gaps: { readonly from: number; readonly to: number }[] = [];
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#beat(), beatMs).unref();
  }

  /** Milliseconds of the longest time since `began` (of `performance.now()`) in which nothing could happen in this process. */
  longestSince(began: number): number {
    // Whoever asks may be the first that wakes up.
    this.#beat();
    return Math.max(0, ...this.#gaps.map(({ from, to }) => to - Math.max(from, began)));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const now = performance.now();
    if (now - this.#last > 2 * beatMs) this.#gaps.push({ from: this.#last, to: now });
    if (this.#gaps.length > 100) this.#gaps.shift();
    this.#last = now;
  }
}
