import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Evidence, ProbeView } from '../../model/evidence.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import type { ApiRequests } from '../../model/result.ts';
import type { RunScope } from '../../model/scope.ts';
import type { Removal, Session } from '../../model/session-contract.ts';
import type { Kind } from '../../model/use.ts';
import { needsApi, needsNamespace, undeclared } from '../../uses.ts';
import { Calls } from '../client/calls.ts';
import type { Connection } from '../client/connection.ts';
import type { ApiFailure } from '../client/errors.ts';
import { outlasting } from '../client/outlast.ts';
import { Patience } from '../client/patience.ts';
import { saidOf } from '../client/presence.ts';
import { type ObjectClient, pathOf, type Served } from '../client/served.ts';
import type { Serving } from '../client/serving.ts';
import { type Look, Watched } from '../client/watched.ts';
import type { JudgedPods, TimedOut, WatchOf } from '../kinds/cluster-view.ts';
import { explained } from '../kinds/removals.ts';
import type { TestObjects } from '../kinds/test-objects.ts';
import { gatherEvidence } from './gather.ts';
import type { HeldLease } from './held-lease.ts';
import { KeptProbes } from './kept-probes.ts';
import { acquireLease } from './lease.ts';
import { recoverLeftovers } from './recovery.ts';
import type { SessionView } from './session-view.ts';
import { waitOn } from './wait-on.ts';

export interface SessionParts extends Pick<Connection, 'api' | 'watcher' | 'presence' | 'login' | 'home'> {
  readonly objects: TestObjects;
  readonly eventTimeoutMs: number;
  readonly createNamespaces: boolean;
  readonly scope: RunScope;
  readonly serving: Serving;
}

/** A call outside of a wait gets at least that long, even when its wait chain is over; with a short deadline half of it. */
const shortestCallMs = 5_000;
const longestReleaseMs = 5_000;

/** One run's view of the cluster: its requests, its patience, its watches, its lock. */
export class KubeSession implements Session, SessionView {
  readonly api: ObjectClient;
  readonly objects: TestObjects;
  readonly scope: RunScope;
  readonly calls: Calls;
  readonly patience: Patience;
  /** What may have been made whose making nobody confirmed, and which is not removed: the next run must look for it. */
  readonly maybeMade = new Set<unknown>();
  /** Leftovers met and removed, by recovery and by creates. */
  readonly recovered: ObjectRef[] = [];
  pods: JudgedPods | undefined;
  readonly #parts: SessionParts;
  readonly #watches: { stop(): void }[] = [];
  readonly #probes = new KeptProbes();
  #lease: HeldLease | undefined;
  readonly #began = performance.now();
  #saidOutage = '';

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.api = parts.api;
    this.calls = new Calls(parts.presence, parts.login);
    this.objects = parts.objects;
    this.scope = parts.scope;
    this.patience = new Patience(parts.eventTimeoutMs, (began) => parts.presence.graceMs(began));
  }

  get namespace(): string {
    return this.scope.namespace;
  }

  get needsNamespace(): boolean {
    return needsNamespace(this.scope.suite.uses);
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
    attempt: (signal: AbortSignal) => Promise<T>,
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
    attempt: (signal: AbortSignal) => Promise<T>,
    onFailure: (failure: ApiFailure) => T,
  ): Promise<T> {
    await this.confirm();
    const { signal } = this.scope;
    const late = outlasting(signal, this.releaseMs);
    const limits = { signal: late.signal, ...this.#budgets, onFailure };
    const send = (own: AbortSignal) => {
      signal.throwIfAborted();
      return attempt(own);
    };
    return this.calls.send(request, limits, send).finally(late.end);
  }

  async confirm(): Promise<boolean> {
    return this.#lease?.confirm() ?? true;
  }

  declared(kind: Kind, what: string): void {
    const { name, uses } = this.scope.suite;
    const missing = undeclared(uses, kind, what);
    if (missing)
      throw new Defect(
        'run.defect',
        `Suite ${name} touches a ${kind.kind} and does not say so: add ${missing} to its uses`,
      );
  }

  watch<T extends KubernetesObject>(of: WatchOf<T>): Watched<T> {
    const { kind, what, labelSelector, fieldSelector, changed, namespace = this.namespace } = of;
    const selectors = { labelSelector, fieldSelector };
    const list = async () => {
      const query = { namespace, ...selectors };
      const { items, metadata } = await this.call(`list ${what}`, (signal) => this.api.list(kind, query, signal));
      return { items, resourceVersion: metadata?.resourceVersion ?? '' };
    };
    const source = { what, path: pathOf(kind, namespace), ...selectors, list, changed };
    const watched = new Watched<T>(this.#parts.watcher, this.calls, source, this.scope.signal);
    this.#watches.push(watched);
    return watched;
  }

  wait<T extends KubernetesObject, R>(
    watched: Watched<T>,
    look: (objects: readonly T[]) => Look<R>,
    timedOut: (why: string, objects: readonly T[], afterMs: number) => TimedOut | Promise<TimedOut>,
    aside?: () => readonly string[],
  ): Promise<R> {
    return waitOn(this, watched, { look, timedOut, aside, began: () => this.#sayGrace() });
  }

  #sayGrace(): void {
    const outage = this.#parts.presence.outage;
    const { graceMs } = this.patience;
    if (!outage || graceMs === 0 || this.#saidOutage === outage.from.slice(0, 19)) return;
    this.#saidOutage = outage.from.slice(0, 19);
    const seconds = Math.ceil(graceMs / 1000);
    this.scope.note(`${saidOf(outage)}; what is waited for has ${seconds} s more`);
  }

  serves(kind: Served<unknown>): Promise<boolean> {
    const limits = { signal: this.scope.signal, budgetMs: this.callBudgetMs };
    return this.#parts.serving.ask(kind, this.calls, limits);
  }

  knowsToServe(kind: Served<unknown>): boolean | undefined {
    return this.#parts.serving.knows(kind);
  }

  observed(probe: ProbeView): void {
    this.#probes.keep(probe);
  }

  async lock(): Promise<{ leftoversLikely: boolean }> {
    if (!needsApi(this.scope.suite.uses)) return { leftoversLikely: false };
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
    await pods.settle();
    return removals;
  }

  explained(removals: readonly Removal[]): Promise<readonly Removal[]> {
    return explained(this, removals);
  }

  async evidence(): Promise<Evidence | undefined> {
    if (!needsApi(this.scope.suite.uses)) return undefined;
    // An object that no view expects is no reason to lose the verdict.
    const seen = await gatherEvidence(this, this.#probes.all).catch(() => undefined);
    const { presence } = this.#parts;
    const outage = presence.graceMs(this.#began) > 0 ? presence.outage : undefined;
    return seen && outage ? { ...seen, outage } : seen;
  }

  async close(clean: boolean): Promise<void> {
    for (const watch of this.#watches) watch.stop();
    await this.#lease?.release(clean && this.maybeMade.size === 0);
  }
}
