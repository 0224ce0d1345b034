/**
 * What etcd is to a cluster: every object, one counter of versions, and the changes of the near past.
 *
 * A stored object is never changed in place; a change is a new object under a new version. Listeners are called at once;
 * one that throws keeps neither the writer nor the others from the change.
 */
import { randomUUID } from 'node:crypto';
import type { FailureLog } from '../failures.ts';
import { copy } from './copy.ts';
import type { Kinds, KubeObject, Plural } from './objects.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly plural: Plural;
  /** DELETED: the last state, under the version of its deletion. */
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

export interface Store {
  readonly version: number;
  get<P extends Plural>(plural: P, name: string, namespace?: string): Kinds[P] | undefined;
  /** In the order of namespace and name; all namespaces without one. */
  list<P extends Plural>(plural: P, namespace?: string): Kinds[P][];
  /** Undefined: that name is taken. */
  create<P extends Plural>(plural: P, object: Kinds[P]): Kinds[P] | undefined;
  /** Stores it under a new version, or removes it if it is marked for deletion and nothing holds it any more. */
  replace<P extends Plural>(plural: P, object: Kinds[P]): Kinds[P];
  /** Applies `edit` to a copy and stores that if anything differs. Undefined: there is no such object. */
  change<P extends Plural>(
    plural: P,
    at: { name: string; namespace?: string | undefined },
    edit: (draft: Kinds[P]) => void,
  ): Kinds[P] | undefined;
  remove(plural: Plural, object: KubeObject): void;
  /** Changes after a version, oldest first. Undefined: they are compacted. */
  changesSince(version: number): readonly Change[] | undefined;
  /** Forgets all changes up to now, as etcd's compaction does. */
  compact(): void;
  subscribe(listener: (change: Change) => void): () => void;
}

/** How many changes are remembered: enough for a watcher that reconnects, and a bound on memory. */
const rememberedChanges = 2000;

class MemoryStore implements Store {
  version = 100;
  readonly #now: () => number;
  readonly #failed: FailureLog;
  readonly #objects = new Map<Plural, Map<string, Map<string, KubeObject>>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #compactedAt = this.version;

  constructor(now: () => number, failed: FailureLog) {
    this.#now = now;
    this.#failed = failed;
  }

  get<P extends Plural>(plural: P, name: string, namespace = ''): Kinds[P] | undefined {
    return this.#objects.get(plural)?.get(namespace)?.get(name) as Kinds[P] | undefined;
  }

  list<P extends Plural>(plural: P, namespace?: string): Kinds[P][] {
    const spaces = this.#objects.get(plural) ?? new Map<string, Map<string, KubeObject>>();
    const names = namespace === undefined ? [...spaces.keys()].sort() : [namespace];
    return names.flatMap((name) => [...(spaces.get(name)?.values() ?? [])].sort(byName)) as Kinds[P][];
  }

  create<P extends Plural>(plural: P, object: Kinds[P]): Kinds[P] | undefined {
    if (this.get(plural, object.metadata.name, object.metadata.namespace)) return undefined;
    const metadata = { ...object.metadata, uid: randomUUID(), creationTimestamp: instant(this.#now()) };
    return this.#put(plural, { ...object, metadata }) as Kinds[P];
  }

  replace<P extends Plural>(plural: P, object: Kinds[P]): Kinds[P] {
    if (!mayGo(object)) {
      return this.#put(plural, object, this.get(plural, object.metadata.name, object.metadata.namespace)) as Kinds[P];
    }
    this.remove(plural, object);
    return object;
  }

  change<P extends Plural>(
    plural: P,
    at: { name: string; namespace?: string | undefined },
    edit: (draft: Kinds[P]) => void,
  ): Kinds[P] | undefined {
    const current = this.get(plural, at.name, at.namespace);
    if (!current) return undefined;
    const draft = copy(current);
    edit(draft);
    return JSON.stringify(draft) === JSON.stringify(current) ? current : this.replace(plural, draft);
  }

  remove(plural: Plural, object: KubeObject): void {
    const { name, namespace = '' } = object.metadata;
    const spaces = this.#objects.get(plural);
    const space = spaces?.get(namespace);
    const previous = space?.get(name);
    if (!previous) return;
    space?.delete(name);
    if (space?.size === 0) spaces?.delete(namespace);
    this.version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.version) };
    this.#record({ type: 'DELETED', version: this.version, plural, object: { ...object, metadata }, previous });
  }

  changesSince(version: number): readonly Change[] | undefined {
    if (version < this.#compactedAt) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  compact(): void {
    this.#history = [];
    this.#compactedAt = this.version;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(plural: Plural, object: KubeObject, previous?: KubeObject): KubeObject {
    const type = previous ? 'MODIFIED' : 'ADDED';
    this.version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const spaces = this.#objects.get(plural) ?? new Map<string, Map<string, KubeObject>>();
    this.#objects.set(plural, spaces);
    const { name, namespace = '' } = object.metadata;
    const space = spaces.get(namespace) ?? new Map<string, KubeObject>();
    spaces.set(namespace, space.set(name, stored));
    this.#record({ type, version: this.version, plural, object: stored, ...(previous && { previous }) });
    return stored;
  }

  #record(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > rememberedChanges * 1.5) {
      this.#history = this.#history.slice(-rememberedChanges);
      this.#compactedAt = this.#history[0]!.version - 1;
    }
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}

export function createStore(now: () => number, failed: FailureLog): Store {
  return new MemoryStore(now, failed);
}

/** `2026-01-31T09:00:00Z` */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Marked for deletion, and neither a finalizer nor a kubelet that still has to stop it holds it. */
function mayGo(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (deletionGracePeriodSeconds ?? 0) > 0 || (finalizers?.length ?? 0) > 0) return false;
  return object.kind !== 'Namespace' || ((object as Kinds['namespaces']).spec.finalizers?.length ?? 0) === 0;
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
