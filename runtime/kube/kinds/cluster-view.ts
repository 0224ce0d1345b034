/** One run's view of the cluster, as much of it as kinds know. Types only; the session has it. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { DefectOptions } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { PodView } from '../../model/evidence.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import type { RunScope } from '../../model/scope.ts';
import type { Removal } from '../../model/session-contract.ts';
import type { How, Kind } from '../../model/use.ts';
import type { Calls } from '../client/calls.ts';
import type { ApiFailure } from '../client/errors.ts';
import type { Patience } from '../client/patience.ts';
import type { ObjectClient, Served } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { TestObjects } from './test-objects.ts';

/** What a wait that ran out of patience says. */
export interface TimedOut {
  readonly code: FindingCode;
  readonly message: string;
  readonly options?: DefectOptions;
}

/** Which objects a watch shows. */
export interface WatchOf<T extends KubernetesObject> {
  /** For people: "pods of deployment/web". */
  readonly what: string;
  readonly kind: Served<T>;
  /** Default: the run's own. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Called at every change, whether something waits or not. */
  changed?(objects: readonly T[]): void;
}

/** Pods that a suite's judgements rest on. */
export interface JudgedPods {
  /** Those that went, or are going, although we did not ask for it, since they were last looked at; a LIST. */
  removals(): Promise<readonly Removal[]>;
  /** What we asked for makes these go; without an argument all, and those that come later. */
  askedToGo(pods?: readonly PodView[]): void;
  /** Waits, for what is left of the wait chain, until others stand in their place; never throws. */
  settle(): Promise<void>;
}

export interface ClusterView {
  readonly api: ObjectClient;
  readonly objects: TestObjects;
  readonly scope: RunScope;
  readonly namespace: string;
  readonly patience: Patience;
  readonly calls: Calls;
  /** What may have been made whose making nobody confirmed, and which is not removed: the next run must look for it. */
  readonly maybeMade: Set<unknown>;
  /** Leftovers met and removed, by recovery and by creates. */
  readonly recovered: ObjectRef[];
  /** Nobody gave our lock back: what lies there is of a dead run. */
  readonly tookOver: boolean;
  /** Milliseconds after its start in which another run may be under way, its clean-up included. */
  readonly longestRunMs: number;
  pods: JudgedPods | undefined;
  /** Raises run.defect where the suite's `uses` does not say so. `what`: also a word of the kind's `besides`. */
  declared(kind: Kind, what: How | (string & {})): void;
  /**
   * Sends one request within the patience of the current wait chain; after a gap in which the lock may have gone to others only once
   * it is known that it has not. `onFailure` takes answers such as 404.
   */
  call<T>(
    request: string,
    attempt: (signal: AbortSignal) => Promise<T>,
    onFailure?: (failure: ApiFailure) => T,
    isFinal?: (failure: ApiFailure) => boolean,
  ): Promise<T>;
  /** The same for what makes something: once sent it comes to its answer, also when the run is stopped meanwhile. */
  make<T>(
    request: string,
    attempt: (signal: AbortSignal) => Promise<T>,
    onFailure: (failure: ApiFailure) => T,
  ): Promise<T>;
  watch<T extends KubernetesObject>(of: WatchOf<T>): Watched<T>;
  /**
   * Waits on a watch for what is left of the wait chain; on time-out raises `code` with the last `why`. `aside` is shown with it meanwhile.
   * Where the API server was away in the meantime there is more left than there was: it waits on.
   */
  wait<T extends KubernetesObject, R>(
    watched: Watched<T>,
    look: (objects: readonly T[]) => Look<R>,
    timedOut: (why: string, objects: readonly T[], afterMs: number) => TimedOut | Promise<TimedOut>,
    aside?: () => readonly string[],
  ): Promise<R>;
  /** Whether the API server has the kind at all: asked once per process, by whoever needs it first. */
  serves(kind: Served<unknown>): Promise<boolean>;
  /** The same without a request: undefined while nobody has asked. */
  knowsToServe(kind: Served<unknown>): boolean | undefined;
}
