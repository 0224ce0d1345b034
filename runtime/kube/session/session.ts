import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect, type DefectOptions } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { Evidence, ProbeView } from '../../model/evidence.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import type { ApiRequests } from '../../model/result.ts';
import type { RunScope } from '../../model/scope.ts';
import type { Removal, Session } from '../../model/session-contract.ts';
import type { Apis, ClusterOptions, SliceDiscovery } from '../client/apis.ts';
import { type CallOptions, Calls, type Login } from '../client/calls.ts';
import type { ApiFailure } from '../client/errors.ts';
import { outlasting } from '../client/outlast.ts';
import { Patience } from '../client/patience.ts';
import { type Presence, saidOf } from '../client/presence.ts';
import { type Look, Watched, type WatchSource } from '../client/watched.ts';
import type { TestPods } from '../kinds/pods.ts';
import type { TestObjects } from '../kinds/test-objects.ts';
import { gatherEvidence } from './gather.ts';
import type { HeldLease } from './held-lease.ts';
import { acquireLease } from './lease.ts';
import { recoverLeftovers } from './recovery.ts';
import { explained } from './removals.ts';

export interface SessionParts extends ClusterOptions {
  readonly apis: Apis;
  readonly scope: RunScope;
  /** The namespace this process is at home in: holds the lock of suites that have none. */
  readonly home: string;
  readonly slices: SliceDiscovery;
  readonly presence: Presence;
  readonly login: Login;
}

/** What a wait that ran out of patience says. */
export interface TimedOut {
  readonly code: FindingCode;
  readonly message: string;
  readonly options?: DefectOptions;
}

/** A call outside of a wait gets at least that long, even when its wait chain is over; with a short deadline half of it. */
const shortestCallMs = 5_000;
const longestReleaseMs = 5_000;
/** A timer may fire a moment early: less than that is nothing left. */
const worthWaitingMs = 50;

/** Probes kept for evidence, newest first to stay: of pods and of each other kind of target; 50 in all. */
const mostProbes = { pod: 20, 'service-ip': 10, 'service-name': 10, dns: 10 } as const;

/** One run's view of the cluster: its requests, its patience, its watches, its lock. */
export class KubeSession implements Session {
  readonly apis: Apis;
  readonly objects: TestObjects;
  readonly scope: RunScope;
  readonly calls: Calls;
  readonly patience: Patience;
  /** Of the suite's service, '' until it is made; undefined where it has none. What its endpoints show belongs to the evidence. */
  serviceUid: string | undefined;
  /** What may have been made whose making nobody confirmed, and which is not removed: the next run must look for it. */
  readonly maybeMade = new Set<unknown>();
  /** Leftovers met and removed, by recovery and by creates. */
  readonly recovered: ObjectRef[] = [];
  /** Those that the suite's judgements rest on. */
  pods: TestPods | undefined;
  readonly #parts: SessionParts;
  readonly #watches: { stop(): void }[] = [];
  readonly #probes: ProbeView[] = [];
  #lease: HeldLease | undefined;
  readonly #began = performance.now();
  #toldOutage = '';

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.apis = parts.apis;
    this.calls = new Calls(parts.apis.endedBy, parts.presence, parts.login);
    this.objects = parts.objects;
    this.scope = parts.scope;
    this.patience = new Patience(parts.eventTimeoutMs, (began) => parts.presence.graceMs(began));
  }

  get namespace(): string {
    return this.scope.namespace;
  }

  get needsNamespace(): boolean {
    return this.scope.suite.needs.includes('namespace');
  }

  get createsNamespaces(): boolean {
    return this.#parts.createNamespaces;
  }

  get shortestCallMs(): number {
    return Math.min(shortestCallMs, this.#parts.eventTimeoutMs / 2);
  }

  /** How long giving the lock back may take. */
  get releaseMs(): number {
    return Math.min(longestReleaseMs, this.#parts.eventTimeoutMs / 4);
  }

  /** Nobody gave our lock back: what lies there is of a dead run. */
  get tookOver(): boolean {
    return this.#lease?.taken ?? false;
  }

  /** Milliseconds after its start in which another run may be under way, its clean-up included. */
  get longestRunMs(): number {
    const { timeout } = this.scope.suite;
    return (timeout ? timeout * 1000 : 4 * this.#parts.eventTimeoutMs) + 30_000;
  }

  get lockNamespace(): string {
    return this.needsNamespace ? this.namespace : this.#parts.home;
  }

  requests(): ApiRequests {
    return this.calls.counts;
  }

  /** Milliseconds that a request of the current wait chain may take. */
  get callBudgetMs(): number {
    return Math.max(this.patience.leftMs, this.shortestCallMs);
  }

  get #budgets() {
    return { budgetMs: this.callBudgetMs, awayBudgetMs: this.#parts.eventTimeoutMs };
  }

  /**
   * Sends one request within the patience of the current wait chain; after a gap in which the lock may have gone to others only once
   * it is known that it has not. `onFailure` takes answers such as 404.
   */
  async call<T>(
    request: string,
    attempt: (options: CallOptions) => Promise<T>,
    onFailure?: (failure: ApiFailure) => T,
    isFinal?: (failure: ApiFailure) => boolean,
  ): Promise<T> {
    await this.confirm();
    const { signal } = this.scope;
    return this.calls.send(request, { signal, ...this.#budgets, onFailure, isFinal }, attempt);
  }

  /**
   * The same for what makes something. Once sent it comes to its answer, also when the run is stopped meanwhile, within the time that
   * giving the lock back has: what was made must be known to be removed. None is sent after the stop.
   */
  async make<T>(
    request: string,
    attempt: (options: CallOptions) => Promise<T>,
    onFailure: (failure: ApiFailure) => T,
  ): Promise<T> {
    await this.confirm();
    const { signal } = this.scope;
    const late = outlasting(signal, this.releaseMs);
    const limits = { signal: late.signal, ...this.#budgets, onFailure };
    const send = (options: CallOptions) => {
      signal.throwIfAborted();
      return attempt(options);
    };
    return this.calls.send(request, limits, send).finally(late.end);
  }

  async confirm(): Promise<boolean> {
    return this.#lease?.confirm() ?? true;
  }

  watch<T extends KubernetesObject>(source: WatchSource<T>): Watched<T> {
    const watched = new Watched(this.apis.watch, this.calls, source, this.scope.signal);
    this.#watches.push(watched);
    return watched;
  }

  /**
   * Waits on a watch for what is left of the wait chain; on time-out raises `code` with the last `why`. `aside` is shown with it meanwhile.
   * Where the API server was away in the meantime there is more left than there was: it waits on.
   */
  async wait<T extends KubernetesObject, R>(
    watched: Watched<T>,
    look: (objects: readonly T[]) => Look<R>,
    timedOut: (why: string, objects: readonly T[], afterMs: number) => TimedOut | Promise<TimedOut>,
    aside: () => readonly string[] = () => [],
  ): Promise<R> {
    const waitOn = new Error('The API server was away in the meantime');
    const fail = async (objects: readonly T[], why: string) => {
      if (this.patience.leftMs > worthWaitingMs) return waitOn;
      const { code, message, options } = await timedOut(why, objects, this.patience.spentMs);
      return new Defect(code, message, options);
    };
    const tell = (why: string) => this.scope.waiting([why, ...aside()].join('; '));
    for (;;) {
      this.#sayGrace();
      try {
        return await watched.until({ look, timedOut: fail }, this.patience.leftMs, this.scope.signal, tell);
      } catch (error) {
        if (error !== waitOn) throw error;
      }
    }
  }

  #sayGrace(): void {
    const outage = this.#parts.presence.outage;
    const { graceMs } = this.patience;
    if (!outage || graceMs === 0 || this.#toldOutage === outage.from.slice(0, 19)) return;
    this.#toldOutage = outage.from.slice(0, 19);
    const seconds = Math.ceil(graceMs / 1000);
    this.scope.note(`${saidOf(outage)}; what is waited for has ${seconds} s more`);
  }

  servesSlices(): Promise<boolean> {
    return this.#parts.slices.ask(this.calls, this.scope.signal, this.callBudgetMs);
  }

  /** The same without a request: undefined while nobody has asked. */
  get knowsSlices(): boolean | undefined {
    return this.#parts.slices.known;
  }

  observed(probe: ProbeView): void {
    this.#probes.push(probe);
    // Of each target the newest: a service that is awaited for a minute must not push out what its pods answered.
    const alike = this.#probes.filter(({ target }) => target === probe.target);
    if (alike.length > mostProbes[probe.target]) this.#probes.splice(this.#probes.indexOf(alike[0] as ProbeView), 1);
  }

  async lock(): Promise<{ leftoversLikely: boolean }> {
    if (this.scope.suite.needs.length === 0) return { leftoversLikely: false };
    this.patience.begin();
    this.#lease = await acquireLease(this);
    return { leftoversLikely: this.#lease.taken };
  }

  async recover(): Promise<void> {
    this.patience.begin();
    await recoverLeftovers(this);
  }

  async removals(): Promise<readonly Removal[]> {
    const { pods } = this;
    const removals = await pods?.removals().catch(() => undefined);
    if (!pods || !removals || removals.length === 0) return [];
    this.patience.begin();
    await pods.settle(this.objects.replicas);
    return removals;
  }

  explained(removals: readonly Removal[]): Promise<readonly Removal[]> {
    return explained(this, removals);
  }

  async evidence(): Promise<Evidence | undefined> {
    if (this.scope.suite.needs.length === 0) return undefined;
    // An object that no view expects is no reason to lose the verdict.
    const seen = await gatherEvidence(this, this.#probes).catch(() => undefined);
    const { presence } = this.#parts;
    const outage = presence.graceMs(this.#began) > 0 ? presence.outage : undefined;
    return seen && outage ? { ...seen, outage } : seen;
  }

  async close(clean: boolean): Promise<void> {
    for (const watch of this.#watches) watch.stop();
    await this.#lease?.release(clean && this.maybeMade.size === 0);
  }
}

/** The session behind the interface that run.ts knows. */
export function kubeSession(session: Session): KubeSession {
  if (session instanceof KubeSession) return session;
  throw new Defect('run.defect', 'This resource needs a suite that needs a cluster: add it to `needs`');
}
