/** The volume controller: every claim of the class `standard` is bound at once to a volume of its own. */
import { createObject } from '../admission/create.ts';
import { deleteObject } from '../admission/deletion.ts';
import type { Cluster } from '../cluster.ts';
import { atKey, createQueue, keyOf } from './queue.ts';

const storageClass = 'standard';

export function startClaims(cluster: Cluster): void {
  const { store, timing } = cluster;
  createObject(cluster, 'storageclasses', {
    metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'sandbox/none',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });

  const queue = createQueue(
    cluster,
    (key) => {
      const { name, namespace } = atKey(key);
      const claim = store.get('persistentvolumeclaims', name, namespace);
      if (!claim || claim.status.phase === 'Bound' || claim.spec.storageClassName !== storageClass) return;
      const volumeName = `pvc-${claim.metadata.uid}`;
      const capacity = { storage: claim.spec.resources?.requests?.storage ?? '1Gi' };
      const accessModes = claim.spec.accessModes ?? [];
      if (!store.get('persistentvolumes', volumeName)) {
        const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid: claim.metadata.uid, apiVersion: 'v1' };
        const reclaim = { persistentVolumeReclaimPolicy: 'Delete' };
        const spec = { capacity, accessModes, storageClassName: storageClass, ...reclaim, claimRef };
        createObject(cluster, 'persistentvolumes', { metadata: { name: volumeName }, spec });
      }
      store.change('persistentvolumes', { name: volumeName }, (volume) => {
        volume.status = { phase: 'Bound' };
      });
      store.change('persistentvolumeclaims', claim.metadata, ({ spec, status }) => {
        spec.volumeName = volumeName;
        Object.assign(status, { phase: 'Bound', accessModes, capacity });
      });
    },
    timing.reconcileMs,
  );

  store.subscribe(({ plural, type, object }) => {
    if (plural !== 'persistentvolumeclaims') return;
    if (type !== 'DELETED') return queue.add(keyOf(object));
    const volume = store.get('persistentvolumes', `pvc-${object.metadata.uid}`);
    if (volume) deleteObject(cluster, 'persistentvolumes', volume);
  });
}
