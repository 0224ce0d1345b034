/** Claims: each of a class of our provisioner's is bound to a volume of its own, grows where its class lets it, and takes its volume with it. */
import type { Cluster } from '../cluster.ts';
import { setCondition } from '../controllers/conditions.ts';
import { atKey, createQueue, keyOf, type Queue } from '../controllers/queue.ts';
import type { Claim, KubeObject, PersistentVolume, Pod, StorageClass } from '../store/objects.ts';
import type { Deeds, SandboxKind } from './kind.ts';

const defaultClass = 'standard';
const provisioner = 'sandbox/volumes';
const protection = 'kubernetes.io/pvc-protection';

export const persistentVolumeClaim: SandboxKind = {
  plural: 'persistentvolumeclaims',
  defaults(object) {
    const made = object as Claim;
    made.spec = { volumeMode: 'Filesystem', storageClassName: defaultClass, ...made.spec };
    made.status ??= { phase: 'Pending' };
    if (!made.metadata.uid) made.metadata.finalizers = [...(made.metadata.finalizers ?? []), protection];
  },
  start(cluster, deeds) {
    deeds.create('storageclasses', {
      metadata: { name: defaultClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    });
    const { store, timing, faults } = cluster;
    const claims = createQueue(cluster, (key) => reconcile(cluster, deeds, key), timing.reconcileMs);
    const volumes = createQueue(cluster, (key) => reclaim(cluster, deeds, key), timing.reconcileMs);
    store.subscribe(({ plural, object }) => {
      if (plural === 'persistentvolumeclaims') {
        claims.add(keyOf(object));
        volumes.add(keyOf({ metadata: { name: nameFor(object) } }));
      }
      if (plural === 'persistentvolumes') volumes.add(keyOf(object));
      if (plural === 'pods') addClaimsOf(object as Pod, claims);
    });
    faults.onChange(() => {
      for (const claim of store.list('persistentvolumeclaims')) claims.add(keyOf(claim));
      for (const volume of store.list('persistentvolumes')) volumes.add(keyOf(volume));
    });
  },
};

function nameFor({ metadata }: KubeObject): string {
  return `pvc-${metadata.uid}`;
}

function addClaimsOf({ metadata, spec }: Pod, queue: Queue): void {
  for (const { persistentVolumeClaim: claim } of spec.volumes ?? []) {
    if (claim) queue.add(keyOf({ metadata: { ...metadata, name: claim.claimName } }));
  }
}

function reconcile(cluster: Cluster, deeds: Deeds, key: string): void {
  const { store, faults } = cluster;
  const { name, namespace } = atKey(key);
  const claim = store.get('persistentvolumeclaims', name, namespace);
  if (!claim) return;
  const uses = ({ spec }: Pod) => spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name);
  const pods = store.list('pods', namespace).filter((pod) => pod.spec.nodeName && uses(pod));
  if (claim.metadata.deletionTimestamp) {
    if (pods.length === 0) unprotect(cluster, claim);
    return;
  }
  const ofClass = store.get('storageclasses', claim.spec.storageClassName ?? '');
  if (ofClass?.provisioner !== provisioner) return;
  if (claim.status.phase === 'Bound') {
    grow(cluster, claim, ofClass, pods);
  } else if (ofClass.volumeBindingMode === 'WaitForFirstConsumer' && pods.length === 0) {
    say(cluster, claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  } else if (faults.on('provisioner-down')) {
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    say(cluster, claim, 'ExternalProvisioning', message);
  } else {
    bind(cluster, deeds, claim);
  }
}

function say(cluster: Cluster, claim: Claim, reason: string, message: string): void {
  cluster.recordEvent({ about: claim, by: 'persistentvolume-controller', type: 'Normal', reason, message });
}

function unprotect({ store }: Cluster, claim: Claim): void {
  store.change('persistentvolumeclaims', claim.metadata, ({ metadata }) => {
    metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== protection);
  });
}

function bind({ store }: Cluster, deeds: Deeds, claim: Claim): void {
  const { name, namespace, uid } = claim.metadata;
  const volumeName = nameFor(claim);
  const capacity = { storage: claim.spec.resources?.requests?.storage ?? '1Gi' };
  const accessModes = claim.spec.accessModes ?? [];
  if (!store.get('persistentvolumes', volumeName)) {
    const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1' };
    deeds.create('persistentvolumes', {
      metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
      spec: {
        capacity,
        accessModes,
        storageClassName: claim.spec.storageClassName,
        persistentVolumeReclaimPolicy: 'Delete',
        csi: { driver: provisioner, volumeHandle: volumeName },
        claimRef,
      },
    });
  }
  setPhase(store, volumeName, { phase: 'Bound' });
  store.change('persistentvolumeclaims', claim.metadata, ({ spec, status }) => {
    spec.volumeName = volumeName;
    Object.assign(status, { phase: 'Bound', accessModes, capacity });
  });
}

/** The volume at once; the file system in it, and with it the claim, once a pod mounts it. */
function grow(cluster: Cluster, claim: Claim, { allowVolumeExpansion }: StorageClass, pods: readonly Pod[]): void {
  const { store, faults, now } = cluster;
  const wanted = claim.spec.resources?.requests?.storage;
  if (!wanted || wanted === claim.status.capacity?.storage || !allowVolumeExpansion) return;
  if (faults.on('provisioner-down')) {
    say(cluster, claim, 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    return;
  }
  store.change('persistentvolumes', { name: nameFor(claim) }, ({ spec }) => {
    spec.capacity = { storage: wanted };
  });
  // One that has ended had it mounted.
  const isMounted = pods.some(({ status }) => status.phase !== 'Pending');
  store.change('persistentvolumeclaims', claim.metadata, ({ status }) => {
    const pending = { type: 'FileSystemResizePending', status: 'True', reason: '', message: '' } as const;
    if (isMounted) status.capacity = { storage: wanted };
    status.conditions = isMounted ? [] : setCondition(status.conditions, pending, now());
  });
}

/** A volume whose claim is gone goes too. */
function reclaim({ store, faults }: Cluster, deeds: Deeds, key: string): void {
  const volume = store.get('persistentvolumes', atKey(key).name);
  if (!volume || volume.metadata.deletionTimestamp || isClaimed(store, volume)) return;
  if (faults.on('provisioner-down')) {
    setPhase(store, volume.metadata.name, { phase: 'Released' });
  } else if (faults.on('volume-not-deleted')) {
    const message = 'rpc error: code = Internal desc = the volume is in use';
    setPhase(store, volume.metadata.name, { phase: 'Failed', message });
  } else {
    deeds.remove('persistentvolumes', volume);
  }
}

function isClaimed(store: Cluster['store'], { spec }: PersistentVolume): boolean {
  return store.list('persistentvolumeclaims').some(({ metadata }) => metadata.uid === spec.claimRef?.uid);
}

function setPhase(store: Cluster['store'], name: string, status: PersistentVolume['status']): void {
  store.change('persistentvolumes', { name }, (volume) => {
    volume.status = status;
  });
}
