/** What belongs to whom. */
import type { Cluster } from '../cluster.ts';
import type { KubeObject, OwnerReference, Workload } from '../store/objects.ts';
import { selects } from '../store/selectors.ts';

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function ownerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Takes what fits the owner's selector and belongs to nobody, such as after `kubectl delete --cascade=orphan`. */
export function adoptOrphans({ store }: Cluster, plural: 'pods' | 'replicasets', owner: Workload): void {
  if (owner.metadata.deletionTimestamp) return;
  for (const object of store.list(plural, owner.metadata.namespace)) {
    if (controllerOf(object) || object.metadata.deletionTimestamp) continue;
    if (!selects(owner.spec.selector, object.metadata.labels)) continue;
    store.change(plural, object.metadata, (draft) => {
      draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), ownerReference(owner)];
    });
  }
}
