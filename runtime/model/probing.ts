/** Observations from outside: HTTP and DNS. Types only. */
import type { FindingCode } from '../findings.ts';
import type { ObjectRef } from './object-ref.ts';

/** What is asked: of the last two, whoever serves them to the world. */
export type ProbedResource = 'pod' | 'service' | 'node' | EdgeResource;
export type EdgeResource = 'ingress' | 'httproute';

/** Where an HTTP request goes. */
export interface HttpTarget {
  readonly resource: ProbedResource;
  readonly object: ObjectRef;
  /** An address, or a name that the probe resolves anew for every request. */
  readonly host: string;
  readonly port: number;
  /** The host that is asked for there, where it is another: that of a route. */
  readonly named?: string;
  /** Default: `/`. */
  readonly path?: string;
  /** The pod's node; of a node, itself. */
  readonly node?: string;
}

/** A request that was answered as expected: what a pod log must show. */
export interface AnsweredRequest {
  readonly target: HttpTarget;
  /** The User-Agent it carried; unique. */
  readonly userAgent: string;
}

/** Who gave no answer in time, or a wrong one. */
export interface Unanswered {
  readonly target: HttpTarget;
  /** Of the last attempt: http.timeout, http.connection_error, dns.*; http.status and http.wrong_response for a wrong answer. */
  readonly code: FindingCode;
  readonly last: string;
  readonly afterMs: number;
}

export interface ServiceRequestOptions {
  /**
   * The pods behind the service were just replaced: kube-proxy may lead to one that is gone for a second longer. Requests
   * without an answer that began within 3 s of the first answer are given up after 1 s and sent again, all of them; how long that
   * went on is action `settle`. Default false.
   */
  readonly settling?: boolean;
}

export interface EachRequestOptions {
  /** Addresses that no readiness probe has asked may need a moment: the first answer of each is awaited. Default false. */
  readonly settling?: boolean;
}

export interface AwaitOptions {
  /** A wrong answer is no end of the wait: the right one may still come, as to new content of a volume. Asked at growing intervals, of 2 s at most. Default false. */
  readonly untilRight?: boolean;
  /** How often EVENT_TIMEOUT_SECONDS it may last. Default 1. */
  readonly patience?: number;
}

export interface HttpProbe {
  /** One request to each target, none repeated unless `settling`; each must answer 200 with `page`. Raises http.*, dns.*. */
  requestEach(targets: readonly HttpTarget[], page: string, options?: EachRequestOptions): Promise<void>;
  /** Waits for the first right answer (action `reachable`), then `times` requests on new connections, each of which must be right. Raises timeout.waiting_on_endpoints, http.*, dns.*. */
  requestService(target: HttpTarget, times: number, page: string, options?: ServiceRequestOptions): Promise<void>;
  /**
   * Waits for an answer of each (action `reachable`, unless `untilRight`), of all within one wait, and returns those that gave none or a wrong one.
   * Raises what is not about who was asked.
   */
  awaitEach(targets: readonly HttpTarget[], page: string, options?: AwaitOptions): Promise<readonly Unanswered[]>;
  /** What is asked from outside, through those who serve routes: an ingress controller, a gateway. */
  readonly edge: EdgeProbe;
  /** The requests of this run that were answered as expected. */
  readonly answered: readonly AnsweredRequest[];
}

export interface EdgeProbe {
  /** Waits for each page, by its path, at one of these addresses, asked in turn (action `reachable`); returns the one that has them. Raises edge.*, dns.*. */
  answers(targets: readonly HttpTarget[], pages: Readonly<Record<string, string>>): Promise<HttpTarget>;
  /**
   * Asks all the time while `change` is made, and until the new page has come some times in a row (action `update`): each request must have one
   * page or the other. Raises edge.lost_requests, edge.stale.
   */
  follows(target: HttpTarget, pages: { from: string; to: string }, change: () => Promise<void>): Promise<void>;
  /** Waits until none of these pages is to be had there. Raises edge.still_served. */
  isUnserved(target: HttpTarget, pages: readonly string[]): Promise<void>;
}

export interface DnsProbe {
  /** Asks every DNS server for the name's address; each must have one. Raises dns.*. */
  resolve(name: string): Promise<void>;
}
