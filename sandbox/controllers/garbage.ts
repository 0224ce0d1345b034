/** The garbage collector: what belongs to something that is gone goes too. */
import { deleteObject } from '../admission/deletion.ts';
import type { Cluster } from '../cluster.ts';
import type { KubeObject, Plural } from '../store/objects.ts';
import { resources } from '../store/resources.ts';
import { createQueue } from './queue.ts';

/** Events own nothing and belong to nobody. */
const collected = resources.filter(({ plural }) => plural !== 'events');

interface Owned {
  plural: Plural;
  object: KubeObject;
}

export function startGarbageCollector(cluster: Cluster): void {
  const { store, timing } = cluster;

  /** Keys are uids: of owners that are gone or going. */
  const queue = createQueue(
    cluster,
    (uid) => {
      const owner = find(cluster, uid);
      if (owner && !owner.object.metadata.deletionTimestamp) return;
      const finalizers = owner?.object.metadata.finalizers ?? [];
      const dependents = dependentsOf(cluster, uid);
      if (finalizers.includes('orphan')) {
        for (const dependent of dependents) disown(cluster, dependent, uid);
        return release(cluster, owner!, 'orphan');
      }
      const foreground = finalizers.includes('foregroundDeletion');
      if (owner && !foreground) return;
      for (const { plural, object } of dependents) {
        if (object.metadata.deletionTimestamp || hasLivingOwner(cluster, object)) continue;
        deleteObject(cluster, plural, object, { propagation: foreground ? 'Foreground' : 'Background' });
      }
      const blocking = dependentsOf(cluster, uid).some(({ object }) =>
        object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
      );
      if (foreground && !blocking) release(cluster, owner!, 'foregroundDeletion');
    },
    timing.reconcileMs,
  );

  store.subscribe(({ type, plural, object }) => {
    if (plural === 'events') return;
    if (type === 'DELETED' || object.metadata.deletionTimestamp) queue.add(object.metadata.uid);
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      // A dependent that comes late, or goes while its owner waits for it.
      if (type !== 'MODIFIED') queue.add(uid);
    }
  });
}

function find({ store }: Cluster, uid: string): Owned | undefined {
  for (const { plural } of collected) {
    const object = store.list(plural).find((one) => one.metadata.uid === uid);
    if (object) return { plural, object };
  }
  return undefined;
}

function dependentsOf({ store }: Cluster, uid: string): Owned[] {
  return collected.flatMap(({ plural }) =>
    store
      .list(plural)
      .filter((object) => object.metadata.ownerReferences?.some((reference) => reference.uid === uid))
      .map((object) => ({ plural, object })),
  );
}

function hasLivingOwner(cluster: Cluster, { metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid }) => {
    const owner = find(cluster, uid);
    return owner && !owner.object.metadata.deletionTimestamp;
  });
}

function disown({ store }: Cluster, { plural, object }: Owned, uid: string): void {
  store.change(plural, object.metadata, ({ metadata }) => {
    const others = (metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
    if (others.length > 0) metadata.ownerReferences = others;
    else delete metadata.ownerReferences;
  });
}

function release({ store }: Cluster, { plural, object }: Owned, finalizer: string): void {
  store.change(plural, object.metadata, ({ metadata }) => {
    metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== finalizer);
  });
}
