/**
 * What etcd is to a cluster: every object, one counter of versions, and the changes of the near past.
 *
 * A stored object is never changed in place; a change is a new object under a new version. Listeners are called at once.
 */
import { randomUUID } from 'node:crypto';
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

export function createStore(now: () => number): Store {
  const objects = new Map<Plural, Map<string, Map<string, KubeObject>>>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let version = 100;
  let compactedAt = version;

  const names = (plural: Plural, namespace: string): Map<string, KubeObject> => {
    const kind = objects.get(plural) ?? new Map<string, Map<string, KubeObject>>();
    objects.set(plural, kind);
    const found = kind.get(namespace) ?? new Map<string, KubeObject>();
    kind.set(namespace, found);
    return found;
  };

  const record = (change: Change): void => {
    history.push(change);
    if (history.length > rememberedChanges * 1.5) {
      history = history.slice(-rememberedChanges);
      compactedAt = history[0]!.version - 1;
    }
    for (const listener of listeners) listener(change);
  };

  const put = (plural: Plural, object: KubeObject, previous?: KubeObject): KubeObject => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    names(plural, object.metadata.namespace ?? '').set(object.metadata.name, stored);
    record({ type: previous ? 'MODIFIED' : 'ADDED', version, plural, object: stored, ...(previous && { previous }) });
    return stored;
  };

  const store: Store = {
    get version() {
      return version;
    },
    get: <P extends Plural>(plural: P, name: string, namespace = '') =>
      objects.get(plural)?.get(namespace)?.get(name) as Kinds[P] | undefined,
    list: <P extends Plural>(plural: P, namespace?: string) => {
      const kind = objects.get(plural) ?? new Map<string, Map<string, KubeObject>>();
      const spaces = namespace === undefined ? [...kind.keys()].sort() : [namespace];
      return spaces.flatMap((space) => [...(kind.get(space)?.values() ?? [])].sort(byName)) as Kinds[P][];
    },
    create: <P extends Plural>(plural: P, object: Kinds[P]) => {
      if (store.get(plural, object.metadata.name, object.metadata.namespace)) return undefined;
      const metadata = {
        ...object.metadata,
        uid: randomUUID(),
        creationTimestamp: instant(now()),
      };
      return put(plural, { ...object, metadata }) as Kinds[P];
    },
    replace: <P extends Plural>(plural: P, object: Kinds[P]) => {
      const previous = store.get(plural, object.metadata.name, object.metadata.namespace);
      if (mayGo(object)) {
        store.remove(plural, object);
        return object;
      }
      return put(plural, object, previous) as Kinds[P];
    },
    change: (plural, at, edit) => {
      const current = store.get(plural, at.name, at.namespace);
      if (!current) return undefined;
      const draft = copy(current);
      edit(draft);
      if (JSON.stringify(draft) === JSON.stringify(current)) return current;
      return store.replace(plural, draft);
    },
    remove: (plural, object) => {
      const space = names(plural, object.metadata.namespace ?? '');
      const previous = space.get(object.metadata.name);
      if (!previous) return;
      space.delete(object.metadata.name);
      if (space.size === 0) objects.get(plural)?.delete(object.metadata.namespace ?? '');
      version += 1;
      const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      record({ type: 'DELETED', version, plural, object: last, previous });
    },
    changesSince: (since) => {
      if (since < compactedAt) return undefined;
      return history.filter((change) => change.version > since);
    },
    compact: () => {
      history = [];
      compactedAt = version;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
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
