import { setTimeout as pause } from 'node:timers/promises';
import { Defect } from '../../defects.ts';
import type { ApiRequests } from '../../model/result.ts';
import { type ApiFailure, defectOf, failureOf, isBug, isPassing } from './errors.ts';
import { isAway, type Presence } from './presence.ts';

export interface CallLimits {
  /** Ends the call at once. */
  readonly signal: AbortSignal;
  /** Milliseconds in all, retries included. */
  readonly budgetMs: number;
  /** A failure that would be repeated but need not be: it goes to `onFailure` at once. */
  readonly isFinal?: (failure: ApiFailure) => boolean;
  /** One attempt only. Default false. */
  readonly once?: boolean;
  /** Milliseconds in all where an attempt stays unanswered, or the API server goes away in the middle; default `budgetMs`. */
  readonly awayBudgetMs?: number;
  /** An answer within the budget that is a failure but not one to retry: return a value, or throw what is thrown. */
  readonly onFailure?: (failure: ApiFailure) => unknown;
}

/** Who gives the credentials. */
export interface Login {
  /** Resolves when there are credentials: the time of a call begins then. Raises k8s.prerequisite_missing. */
  authenticated(): Promise<void>;
  /** They were not accepted. False where there are no others to be had. */
  renew(): boolean;
}

interface FailedRequest {
  readonly request: string;
  readonly status: number | 'no answer';
  readonly message: string;
}

/** Longest a single attempt may take before it counts as unanswered; at most a third of the budget, so that a lost one is not the last. */
const longestAttemptMs = 15_000;
const attemptsAtLeast = 3;
/** Less is no time for an answer. */
const shortestAttemptMs = 500;
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
  readonly #presence: Presence | undefined;
  readonly #login: Login | undefined;

  constructor(presence?: Presence, login?: Login) {
    this.#presence = presence;
    this.#login = login;
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

  /** `isCut`: it had been answered, as a watch that ends. */
  noteFailure(request: string, failure: ApiFailure, isCut = false): void {
    if (!isCut) this.#presence?.missed(failure);
    this.#failed.push({ request, status: failure.status ?? 'no answer', message: failure.message.slice(0, 1000) });
    if (this.#failed.length > 20) this.#failed.shift();
  }

  /** Sends until it is answered. Raises api.* for what stays wrong at the end of the budget, k8s.prerequisite_missing for trouble of ours. */
  async send<T>(request: string, limits: CallLimits, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#presence?.unreachable;
    if (before) throw this.#unreachable(request, before);
    await this.#login?.authenticated();
    const began = performance.now();
    let mostMs = limits.budgetMs;
    // A first answer in the meantime gives it the time that a server which is there has.
    const budget = () => this.#presence?.within(mostMs) ?? mostMs;
    const left = () => budget() - (performance.now() - began);
    let answered: ApiFailure | undefined;
    let isRenewed = false;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      limits.signal.throwIfAborted();
      this.#total++;
      try {
        const limitMs = limits.once ? left() : Math.min(attemptWithin(budget()), left());
        return await this.#once(limits.signal, limitMs, attempt);
      } catch (error) {
        limits.signal.throwIfAborted();
        if (error instanceof Defect || isBug(error)) throw error;
        const failure = failureOf(error, this.#presence?.proxy);
        if (failure.status === 401 && !isRenewed && this.#login?.renew()) {
          isRenewed = true;
          this.#retries++;
          continue;
        }
        if (!isPassing(failure) || limits.isFinal?.(failure)) return this.#refused(request, failure, limits) as T;
        this.noteFailure(request, failure);
        // The last attempt may be cut short by the budget: what the server said before says more.
        if (failure.status !== undefined) answered = failure;
        // What is only slow must have the time to answer that a first call has.
        if (failure.isSilence || isAway(failure)) mostMs = Math.max(mostMs, limits.awayBudgetMs ?? 0);
        // What asks for more time than there is does not forbid to look again before it is over.
        const asked = failure.retryAfterMs ?? pauseMs;
        // A silence was a pause.
        const waitMs = failure.isSilence ? 0 : asked < left() ? asked : pauseMs;
        if (limits.once || left() <= Math.max(1, waitMs)) {
          throw this.#given(answered ?? failure, request, performance.now() - began, error);
        }
        await pause(waitMs, undefined, { signal: limits.signal });
        this.#retries++;
      }
    }
  }

  #given(failure: ApiFailure, request: string, afterMs: number, cause: unknown): Defect {
    if (failure.status !== undefined || !this.#presence?.isUnproven) {
      return defectOf(failure, request, afterMs, { cause });
    }
    const why = `${failure.message}; ${failure.ours?.mend ?? 'look at the server of the kubeconfig, and at what is between it and this machine'}`;
    this.#presence.notReached(why);
    return this.#unreachable(request, why);
  }

  #unreachable(request: string, why: string): Defect {
    const server = this.#presence?.server;
    return new Defect('k8s.prerequisite_missing', `${request}: cannot reach ${server}: ${why}`);
  }

  #refused(request: string, failure: ApiFailure, limits: CallLimits): unknown {
    if (limits.onFailure && !failure.ours) return limits.onFailure(failure);
    this.noteFailure(request, failure);
    throw this.#given(failure, request, 0, undefined);
  }

  async #once<T>(run: AbortSignal, limitMs: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController();
    const abort = () => own.abort(run.reason);
    run.addEventListener('abort', abort, { once: true });
    // Not AbortSignal.timeout: that one is unref'd, and a hung request could let the process drain.
    const timer = setTimeout(
      () => own.abort(new DOMException('no answer in time', 'TimeoutError')),
      Math.max(1, limitMs),
    );
    try {
      return await attempt(own.signal);
    } finally {
      clearTimeout(timer);
      run.removeEventListener('abort', abort);
    }
  }
}

function attemptWithin(budgetMs: number): number {
  return Math.min(longestAttemptMs, Math.max(shortestAttemptMs, budgetMs / attemptsAtLeast));
}
