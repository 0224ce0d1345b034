import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import { isAnswered } from '../client/outlast.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ObjectKind } from '../kinds/kind-rows.ts';
import { missingNamespace } from './namespaces.ts';
import { isOurs, runOf } from './ownership.ts';
import type { KubeSession } from './session.ts';

/**
 * One object of ours in the cluster: made, found, deleted, and known to be gone.
 *
 * Deletes carry the uid we were given at creation as a precondition, so nothing that somebody put there in the
 * meantime is ever touched.
 */
export class OwnedObject<T extends KubernetesObject> {
  readonly session: KubeSession;
  readonly kind: ObjectKind<T>;
  readonly ref: ObjectRef;
  latest: T | undefined;
  #gone = false;
  #deletedAt = 0;
  /** Goes on when its step is ended: what it makes must be known to the clean-up. */
  #making: Promise<T> | undefined;

  constructor(session: KubeSession, kind: ObjectKind<T>, name: string) {
    this.session = session;
    this.kind = kind;
    this.ref = { kind: kind.kind, name, ...(kind.kind !== 'namespace' && { namespace: session.namespace }) };
  }

  get title(): string {
    return `${this.ref.kind}/${this.ref.name}`;
  }

  get uid(): string {
    return this.latest?.metadata?.uid ?? '';
  }

  get #place() {
    return { namespace: this.session.namespace, name: this.ref.name };
  }

  /** POST. A leftover of a dead run is removed first. Raises api.conflict for an object that is not ours to remove. */
  async create(body: T): Promise<T> {
    this.session.patience.begin();
    const began = performance.now();
    this.#making = this.#make(body);
    this.latest = await this.#making;
    this.measure('create', performance.now() - began);
    return this.latest;
  }

  /** Server-side apply. */
  async apply(body: T): Promise<T> {
    this.session.patience.begin();
    this.latest = await this.session.call(
      `apply ${this.title}`,
      (options) => this.kind.apply(this.session.apis, this.#place, body, options),
      (failure) => {
        throw missingNamespace(failure, this.session.namespace, `apply ${this.title}`);
      },
    );
    return this.latest;
  }

  /** Finds the object that we made. Raises api.not_found. */
  async exists(): Promise<T> {
    const there = await this.read();
    if (!there)
      throw new Defect('api.not_found', `${this.title} is not there although its creation was confirmed`, {
        object: this.ref,
      });
    if (there.metadata?.uid !== this.uid) {
      throw new Defect('api.conflict', `${this.title} was replaced by somebody else during the run`, {
        object: this.ref,
      });
    }
    this.latest = there;
    return there;
  }

  /** DELETE of what we made. Begins a wait chain. */
  async delete(): Promise<void> {
    this.session.patience.begin();
    this.#deletedAt = performance.now();
    await this.#send(this.session.scope.signal, this.session.patience.leftMs);
  }

  /** Resolves when the object is gone; times action `delete`. Raises k8s.not_deleted. */
  async isGone(): Promise<void> {
    await this.#awaitGone();
    this.#gone = true;
    this.measure('delete', performance.now() - this.#deletedAt);
  }

  /** The clean-up's delete; false where there was nothing to do, as when the suite saw it go. */
  async remove(signal: AbortSignal): Promise<boolean> {
    if (this.#gone) return false;
    const made = await this.#making?.catch(() => undefined);
    const there = made ?? this.latest ?? (await this.#readWith(signal));
    if (!there || runOf(there) !== this.session.scope.id) return false;
    this.latest = there;
    await this.#send(signal, 60_000);
    await this.#pollGone(signal);
    this.#gone = true;
    this.session.maybeMade.delete(this);
    return true;
  }

  async read(): Promise<T | undefined> {
    return this.session.call<T | undefined>(
      `get ${this.title}`,
      (options) => this.kind.read(this.session.apis, this.#place, options),
      (failure) => {
        if (failure.status === 404) return undefined;
        throw defectOf(failure, `get ${this.title}`, 0, { object: this.ref });
      },
    );
  }

  /** Found by a LIST, the verb that whoever only keeps the object has anyway. */
  async listed(): Promise<T | undefined> {
    return (await this.#list()).items[0];
  }

  /** A watch on this one object. `from` continues from a reply we have, without a LIST. */
  async watch(from?: T): Promise<Watched<T>> {
    const { session, kind } = this;
    const watched = session.watch<T>({
      what: this.title,
      path: kind.path(session.namespace),
      ...this.#alone,
      list: () => this.#list(),
    });
    const version = from?.metadata?.resourceVersion;
    await watched.start(from && version ? { items: [from], resourceVersion: version } : undefined);
    return watched;
  }

  measure(action: 'create' | 'update' | 'scale' | 'delete', durationMs: number): void {
    this.session.scope.measure({ kind: 'action', resource: this.ref.kind, action, durationMs });
  }

  get #alone() {
    return { fieldSelector: `metadata.name=${this.ref.name}` };
  }

  async #list(): Promise<{ items: T[]; resourceVersion: string }> {
    const { session, kind } = this;
    const list = await session.call(`list ${this.title}`, (options) =>
      kind.list(session.apis, session.namespace, this.#alone, options),
    );
    return { items: list.items, resourceVersion: list.metadata?.resourceVersion ?? '' };
  }

  async #make(body: T): Promise<T> {
    try {
      return (await this.#post(body)) ?? (await this.#postOver(body));
    } catch (error) {
      if (!isAnswered(error)) this.session.maybeMade.add(this);
      throw error;
    }
  }

  async #post(body: T): Promise<T | undefined> {
    const answer = await this.session.make<T | ApiFailure>(
      `create ${this.title}`,
      (options) => this.kind.create(this.session.apis, this.session.namespace, body, options),
      (failure) => failure,
    );
    if (!('causes' in answer)) return answer as T;
    if (answer.reason === 'AlreadyExists') return undefined;
    throw missingNamespace(answer, this.session.namespace, `create ${this.title}`);
  }

  /** Somebody has the name: our own first attempt whose reply was lost, a dead run's leftover, or not ours. */
  async #postOver(body: T): Promise<T> {
    const there = await this.read();
    if (there && runOf(there) === this.session.scope.id) return there;
    if (there) await this.#clearAway(there);
    const made = await this.#post(body);
    if (!made) throw this.#conflict('somebody makes it again and again');
    return made;
  }

  async #clearAway(there: T): Promise<void> {
    if (!isOurs(there))
      throw this.#conflict('and is not ours: remove it, or choose another name or namespace for the tests');
    const isGoing = there.metadata?.deletionTimestamp !== undefined;
    if (!runOf(there) && !isGoing) {
      throw this.#conflict('and is kept by another suite: give each suite a namespace of its own');
    }
    const ageMs = Date.now() - new Date(there.metadata?.creationTimestamp ?? 0).getTime();
    if (this.ref.kind === 'namespace' && !isGoing && !this.session.tookOver && ageMs < this.session.longestRunMs) {
      // The lock of a suite without a namespace lies where its process is at home: another home has another lock. One that is being
      // deleted is nobody's any more: it is waited for, as when the run before gave up on it.
      throw this.#conflict('and may be of a run under way in another process: give each a TEST_NAMESPACE of its own');
    }
    this.latest = there;
    await this.#send(this.session.scope.signal, this.session.patience.leftMs);
    await this.#awaitGone();
    this.session.recovered.push(this.ref);
    this.latest = undefined;
    this.session.patience.begin();
  }

  #conflict(why: string): Defect {
    return new Defect('api.conflict', `${this.title} exists already ${why}`, { object: this.ref });
  }

  async #send(signal: AbortSignal, budgetMs: number): Promise<void> {
    const body = { preconditions: { uid: this.uid }, propagationPolicy: 'Background' };
    // 404: gone already. 409: another object has the name now, so ours is gone.
    const onFailure = (failure: ApiFailure) => {
      if (failure.status !== 404 && failure.status !== 409)
        throw defectOf(failure, `delete ${this.title}`, 0, { object: this.ref });
    };
    await this.session.calls.send<unknown>(`delete ${this.title}`, { signal, budgetMs, onFailure }, (options) =>
      this.kind.remove(this.session.apis, this.#place, body, options),
    );
  }

  async #awaitGone(): Promise<void> {
    const there = await this.read();
    if (!there || there.metadata?.uid !== this.uid) return;
    const watched = await this.watch(there);
    await this.session.wait(
      watched,
      (objects): Look<void> =>
        objects.some((object) => object.metadata?.uid === this.uid)
          ? { done: false, why: `${this.title} is being deleted${whyStuck(objects[0])}` }
          : { done: true, value: undefined },
      (why, _, afterMs) => ({
        code: 'k8s.not_deleted',
        message: `${this.title} is still there ${seconds(afterMs)} after its deletion: ${why}`,
        options: { object: this.ref },
      }),
    );
    watched.stop();
  }

  /** Clean-up has a signal of its own and no watch: it may run after the run's own signal is aborted. */
  async #pollGone(signal: AbortSignal): Promise<void> {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1000)) {
      const there = await this.#readWith(signal);
      if (!there || there.metadata?.uid !== this.uid) return;
      await pause(waitMs, undefined, { signal });
    }
  }

  #readWith(signal: AbortSignal): Promise<T | undefined> {
    const onFailure = (failure: ApiFailure) => {
      if (failure.status === 404) return undefined;
      throw defectOf(failure, `get ${this.title}`, 0, { object: this.ref });
    };
    return this.session.calls.send<T | undefined>(
      `get ${this.title}`,
      { signal, budgetMs: 60_000, onFailure },
      (options) => this.kind.read(this.session.apis, this.#place, options),
    );
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A namespace says by its conditions what keeps it. */
interface Stuck {
  readonly status?: { readonly conditions?: readonly { readonly status: string; readonly message?: string }[] };
}

function whyStuck(object: KubernetesObject | undefined): string {
  const left = object?.metadata?.finalizers ?? [];
  const { conditions = [] } = (object as Stuck | undefined)?.status ?? {};
  const said = conditions.flatMap(({ status, message }) => (status === 'True' && message ? [message] : []));
  return `${left.length > 0 ? ` (finalizers ${left.join(', ')})` : ''}${said.length > 0 ? `: ${said.join('; ')}` : ''}`;
}
