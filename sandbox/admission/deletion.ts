/** Deletion: at once, after a grace, or when finalizers are done. */
import type { Cluster } from '../cluster.ts';
import { copy } from '../store/copy.ts';
import type { KubeObject, Namespace, Plural, Pod } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { instant } from '../store/store.ts';

export type Propagation = 'Foreground' | 'Background' | 'Orphan';

/** Returns the object that now waits for its end, or undefined: it is gone. */
export function deleteObject(
  cluster: Cluster,
  plural: Plural,
  object: KubeObject,
  options: { propagation?: Propagation | undefined; graceSeconds?: number | undefined } = {},
): KubeObject | undefined {
  const marked = copy(object);
  const { metadata } = marked;
  const grace = plural === 'pods' ? podGrace(object as Pod, options.graceSeconds) : 0;
  const already = metadata.deletionTimestamp !== undefined;
  if (!already || grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    metadata.deletionTimestamp = instant(cluster.now() + grace * 1000);
    if (plural !== 'namespaces') metadata.deletionGracePeriodSeconds = grace;
  }
  if (!already) addFinalizer(metadata, options.propagation);
  if (!already && metadata.generation !== undefined) metadata.generation += 1;
  if (plural === 'namespaces') (marked as Namespace).status.phase = 'Terminating';
  if (JSON.stringify(marked) === JSON.stringify(object)) return object;
  cluster.store.replace(plural, marked as never);
  return cluster.store.get(plural, metadata.name, metadata.namespace);
}

/** A pod without a node has nobody who would have to stop it. */
function podGrace(pod: Pod, asked: number | undefined): number {
  if (!pod.spec.nodeName || hasEnded(pod)) return 0;
  return Math.max(0, asked ?? pod.spec.terminationGracePeriodSeconds ?? 30);
}

function addFinalizer(metadata: KubeObject['metadata'], propagation?: Propagation): void {
  const finalizer = { Foreground: 'foregroundDeletion', Orphan: 'orphan', Background: undefined }[
    propagation ?? 'Background'
  ];
  if (finalizer) metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), finalizer])];
}
