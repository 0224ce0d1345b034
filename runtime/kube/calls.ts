import { setTimeout as pause } from 'node:timers/promises';
import type { ConfigurationOptions, ObservableMiddleware } from '@kubernetes/client-node';
import { Defect } from '../findings.ts';
import type { ApiRequests } from '../model.ts';
import { type ApiFailure, defectOf, failureOf, isBug, isPassing } from './errors.ts';

/** Passed to the client library's typed calls as their last argument. */
export type CallOptions = ConfigurationOptions<ObservableMiddleware>;

export interface CallLimits {
  /** Ends the call at once. */
  readonly signal: AbortSignal;
  /** Milliseconds in all, retries included. */
  readonly budgetMs: number;
  /** A failure that would be repeated but need not be: it goes to `onFailure` at once. */
  readonly isFinal?: (failure: ApiFailure) => boolean;
  /** One attempt only. Default false. */
  readonly once?: boolean;
  /** An answer within the budget that is a failure but not one to retry: return a value, or throw what is thrown. */
  readonly onFailure?: (failure: ApiFailure) => unknown;
}

interface FailedRequest {
  readonly request: string;
  readonly status: number | 'no answer';
  readonly message: string;
}

/** Longest a single attempt may take before it counts as unanswered. */
const attemptMs = 15_000;
const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Every request to the API server goes through here: counted, bounded, retried while the server says "not now".
 *
 * Retrying a write is safe because all our writes are idempotent: creates carry a fixed name and the run's id (an
 * AlreadyExists with our id is our own first attempt), the rest are applies, deletes with preconditions, and PUTs with
 * a resourceVersion.
 */
export class Calls {
  #total = 0;
  #watches = 0;
  #retries = 0;
  readonly #failed: FailedRequest[] = [];
  readonly #endedBy: (signal: AbortSignal) => CallOptions;

  /** `endedBy`: the options of a call that ends with the signal. */
  constructor(endedBy: (signal: AbortSignal) => CallOptions) {
    this.#endedBy = endedBy;
  }

  get counts(): ApiRequests {
    return { total: this.#total, watches: this.#watches, retries: this.#retries };
  }

  /** The newest answers that were not what was asked for; at most 20. */
  get failures(): readonly FailedRequest[] {
    return this.#failed;
  }

  countWatch(): void {
    this.#total++;
    this.#watches++;
  }

  noteFailure(request: string, failure: ApiFailure): void {
    this.#failed.push({ request, status: failure.status ?? 'no answer', message: failure.message.slice(0, 1000) });
    if (this.#failed.length > 20) this.#failed.shift();
  }

  /** Sends until it is answered. Raises api.* for what stays wrong at the end of the budget. */
  async send<T>(request: string, limits: CallLimits, attempt: (options: CallOptions) => Promise<T>): Promise<T> {
    const began = performance.now();
    const left = () => limits.budgetMs - (performance.now() - began);
    let answered: ApiFailure | undefined;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      limits.signal.throwIfAborted();
      this.#total++;
      try {
        return await this.#once(limits.signal, Math.min(attemptMs, left()), attempt);
      } catch (error) {
        limits.signal.throwIfAborted();
        if (error instanceof Defect || isBug(error)) throw error;
        const failure = failureOf(error);
        if (!isPassing(failure) || limits.isFinal?.(failure)) return this.#refused(request, failure, limits) as T;
        this.noteFailure(request, failure);
        // The last attempt may be cut short by the budget: what the server said before says more.
        if (failure.status !== undefined) answered = failure;
        const waitMs = failure.retryAfterMs ?? pauseMs;
        if (limits.once || left() <= waitMs) {
          throw defectOf(answered ?? failure, request, performance.now() - began, { cause: error });
        }
        await pause(waitMs, undefined, { signal: limits.signal });
        this.#retries++;
      }
    }
  }

  #refused(request: string, failure: ApiFailure, limits: CallLimits): unknown {
    if (limits.onFailure) return limits.onFailure(failure);
    this.noteFailure(request, failure);
    throw defectOf(failure, request, 0);
  }

  async #once<T>(run: AbortSignal, limitMs: number, attempt: (options: CallOptions) => Promise<T>): Promise<T> {
    const own = new AbortController();
    const abort = () => own.abort(run.reason);
    run.addEventListener('abort', abort, { once: true });
    // Not AbortSignal.timeout: that one is unref'd, and a hung request could let the process drain.
    const timer = setTimeout(
      () => own.abort(new DOMException('no answer in time', 'TimeoutError')),
      Math.max(1, limitMs),
    );
    try {
      return await attempt(this.#endedBy(own.signal));
    } finally {
      clearTimeout(timer);
      run.removeEventListener('abort', abort);
    }
  }
}
