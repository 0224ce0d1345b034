import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import { isAnswered } from '../client/outlast.ts';
import { wordOf } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import type { ObjectKind } from './kind.ts';
import { seconds, whyStuck } from './object-words.ts';
import { runOf } from './ownership.ts';
import { refusedWrite, whyNotCleared } from './refused-write.ts';

/**
 * One object of ours in the cluster: made, found, deleted, and known to be gone.
 *
 * Deletes carry the uid we were given at creation as a precondition, so nothing that somebody put there in the
 * meantime is ever touched.
 */
export class OwnedObject<T extends KubernetesObject> {
  readonly session: ClusterView;
  readonly kind: ObjectKind<T>;
  readonly ref: ObjectRef;
  latest: T | undefined;
  #gone = false;
  #deletedAt = 0;
  /** Goes on when its step is ended: what it makes must be known to the clean-up. */
  #making: Promise<T> | undefined;

  constructor(session: ClusterView, kind: ObjectKind<T>, name: string) {
    this.session = session;
    this.kind = kind;
    this.ref = { kind: wordOf(kind), name, ...(kind.scope !== 'cluster' && { namespace: session.namespace }) };
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
    this.session.declared(this.kind, 'makes');
    this.session.patience.begin();
    const began = performance.now();
    this.#making = this.#make(body);
    this.latest = await this.#making;
    this.measure('create', performance.now() - began);
    return this.latest;
  }

  /** Server-side apply. */
  async apply(body: T): Promise<T> {
    this.session.declared(this.kind, 'keeps');
    this.session.patience.begin();
    this.latest = await this.session.call(
      `apply ${this.title}`,
      (signal) => this.session.api.apply(this.kind, this.#place, body, signal),
      (failure) => {
        throw refusedWrite(failure, this, `apply ${this.title}`);
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
      (signal) => this.session.api.get(this.kind, this.#place, signal),
      (failure) => {
        if (failure.status === 404) return undefined;
        throw defectOf(failure, `get ${this.title}`, 0, { object: this.ref });
      },
    );
  }

  /** Found by a LIST, the verb that whoever only keeps the object has anyway. */
  async listed(): Promise<T | undefined> {
    const { session, kind } = this;
    const query = { namespace: session.namespace, fieldSelector: `metadata.name=${this.ref.name}` };
    const list = await session.call(`list ${this.title}`, (signal) => session.api.list(kind, query, signal));
    return list.items[0];
  }

  /** A watch on this one object. `from` continues from a reply we have, without a LIST. */
  async watch(from?: T): Promise<Watched<T>> {
    const fieldSelector = `metadata.name=${this.ref.name}`;
    const watched = this.session.watch<T>({ what: this.title, kind: this.kind, fieldSelector });
    const version = from?.metadata?.resourceVersion;
    await watched.start(from && version ? { items: [from], resourceVersion: version } : undefined);
    return watched;
  }

  measure(action: 'create' | 'update' | 'scale' | 'delete', durationMs: number): void {
    this.session.scope.measure({ kind: 'action', resource: this.ref.kind, action, durationMs });
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
      (signal) => this.session.api.create(this.kind, this.session.namespace, body, signal),
      (failure) => failure,
    );
    if (!isFailure(answer)) return answer;
    if (answer.reason === 'AlreadyExists') return undefined;
    throw refusedWrite(answer, this, `create ${this.title}`);
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
    const why = whyNotCleared(this.session, this.kind, there);
    if (why) throw this.#conflict(why);
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
    const body = { preconditions: { uid: this.uid }, propagationPolicy: 'Background' } as const;
    // 404: gone already. 409: another object has the name now, so ours is gone.
    const onFailure = (failure: ApiFailure) => {
      if (failure.status !== 404 && failure.status !== 409)
        throw defectOf(failure, `delete ${this.title}`, 0, { object: this.ref });
    };
    await this.session.calls.send<unknown>(`delete ${this.title}`, { signal, budgetMs, onFailure }, (own) =>
      this.session.api.remove(this.kind, this.#place, body, own),
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
    return this.session.calls.send<T | undefined>(`get ${this.title}`, { signal, budgetMs: 60_000, onFailure }, (own) =>
      this.session.api.get(this.kind, this.#place, own),
    );
  }
}

/** Objects of the API have no causes. */
function isFailure(answer: object): answer is ApiFailure {
  return 'causes' in answer;
}
