import type { Evidence } from '../../model/evidence.ts';
import type { ApiFailure } from './errors.ts';

export interface PresenceParts {
  /** As people know it: the server of the kubeconfig. */
  readonly server: string;
  /** The address was given to us by people, and not by the cluster itself as in a pod. */
  readonly isGiven: boolean;
  /** The proxy on the way, where there is one. */
  readonly proxy?: string;
  /** How long a server that never answered is tried; default as long as any other: a busy one may be slow to meet its callers. */
  readonly firstContactMs?: number;
}

interface Span {
  readonly from: number;
  until?: number;
  readonly by: string;
}

/** For so long nobody asks again what was just found out. */
const holdsForMs = 10_000;
/**
 * Controllers and kubelets lose their leases and back off while the API server is away: the longest that was seen on 1.37 until the last
 * of them was back.
 */
const returnMs = 40_000;

/** Servers that have answered this process. */
const known = new Set<string>();

/** What this process knows of the API server being there: shared by all sessions, since it is true for all of them. */
export class Presence {
  readonly #parts: PresenceParts;
  #unreachable: { readonly why: string; readonly at: number } | undefined;
  #span: Span | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  get server(): string {
    return this.#parts.server;
  }

  get proxy(): string | undefined {
    return this.#parts.proxy;
  }

  /** Its address was given to us, and nothing there has ever answered: that it is wrong is likelier than that the cluster is down. */
  get isUnproven(): boolean {
    return this.#parts.isGiven && !known.has(this.#parts.server);
  }

  /** Milliseconds that a request may take in all, of those that it has. */
  within(budgetMs: number): number {
    return this.isUnproven ? Math.min(budgetMs, this.#parts.firstContactMs ?? budgetMs) : budgetMs;
  }

  /** Why it could not be reached a moment ago, where nobody has reached it since. */
  get unreachable(): string | undefined {
    const { why, at } = this.#unreachable ?? {};
    return this.isUnproven && at !== undefined && performance.now() - at < holdsForMs ? why : undefined;
  }

  notReached(why: string): void {
    this.#unreachable = { why, at: performance.now() };
  }

  /** Something there has answered a request, with whatever status. */
  answered(status: number): void {
    known.add(this.#parts.server);
    if (status >= 500) return;
    if (this.#span && this.#span.until === undefined) this.#span.until = performance.now();
  }

  /** Refused, reset or 5xx: it may have gone away. Silence alone may be one lost request. */
  missed(failure: ApiFailure): void {
    if (!isAway(failure)) return;
    const now = performance.now();
    // One outage, as long as nothing has had the time to come back from the last.
    if (this.#span && (this.#span.until === undefined || now - this.#span.until < returnMs))
      this.#span.until = undefined;
    else this.#span = { from: now, by: failure.status === undefined ? failure.message : String(failure.status) };
  }

  /** The last one, as long as what it did to others may show. */
  get outage(): Evidence['outage'] {
    const span = this.#span;
    if (!span) return undefined;
    const instant = (at: number) => new Date(Date.now() - (performance.now() - at)).toISOString();
    return {
      from: instant(span.from),
      ...(span.until !== undefined && { until: instant(span.until) }),
      by: span.by.split(' ', 1)[0] ?? '',
    };
  }

  /** Milliseconds on top for what began then and needed the API server, and whoever works by it, for its end. Monotonic clock. */
  graceMs(began: number): number {
    if (!this.#span) return 0;
    const { from, until = performance.now() } = this.#span;
    return Math.max(0, until + returnMs - Math.max(began, from));
  }
}

/** Refused, reset or 5xx, by the API server itself. */
export function isAway({ status, message, isSilence, ours }: ApiFailure): boolean {
  if (ours || isSilence) return false;
  if (status === undefined) return true;
  // What hangs behind the API server, a webhook or a kubelet, and another API server that is not as far.
  return status >= 500 && !/failed calling|containerLogs|:10250|Too large resource version/.test(message);
}

/** In words, for a note. */
export function saidOf({ from, until, by }: NonNullable<Evidence['outage']>): string {
  const clock = (instant: string) => instant.slice(11, 19);
  return `The API server was away from ${clock(from)} ${until ? `to ${clock(until)}` : 'on'} (${by})`;
}
