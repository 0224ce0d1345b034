/** The deployment controller: one replica set per template, and the way from the old ones to the new one. */
import { createObject } from '../admission/create.ts';
import { deleteObject } from '../admission/deletion.ts';
import { Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Deployment, Pod, ReplicaSet } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { writeDeploymentStatus } from './deployment-status.ts';
import { adoptOrphans, controllerOf, isControlledBy, ownerReference } from './owned.ts';
import { atKey, createQueue, keyOf } from './queue.ts';
import { hashLabel, nextRevision, revisionAnnotation, revisionOf, templateHash } from './revisions.ts';
import { bounds, scaleStep } from './rollout.ts';

export function startDeployments(cluster: Cluster): void {
  const { store, faults, timing } = cluster;

  const queue = createQueue(
    cluster,
    (key) => {
      const { name, namespace } = atKey(key);
      const deployment = store.get('deployments', name, namespace);
      if (!deployment || faults.on('deployment-controller-down')) return;
      if (deployment.metadata.deletionTimestamp) return void writeStatus(deployment, setsOf(cluster, deployment));
      adoptOrphans(cluster, 'replicasets', deployment);
      reconcile(deployment);
    },
    timing.reconcileMs,
  );

  const reconcile = (deployment: Deployment): void => {
    const hash = templateHash(deployment.spec.template);
    const isNew = (set: ReplicaSet) => set.metadata.labels?.[hashLabel] === hash;
    let sets = setsOf(cluster, deployment);
    if (!deployment.spec.paused && !sets.some(isNew)) {
      const failure = createSet(cluster, deployment, sets, hash);
      if (failure) {
        writeStatus(deployment, sets, failure);
        queue.add(keyOf(deployment), cluster.timing.backOffMs);
        return;
      }
      sets = setsOf(cluster, deployment);
    }
    const fresh = sets.find(isNew);
    if (fresh) markRevision(cluster, deployment, fresh, sets);
    const old = sets.filter((set) => set !== fresh);
    const stuck = faults.on('rollout-stuck') && old.some((set) => set.spec.replicas > 0);
    if (!stuck) {
      for (const [set, replicas] of scaleStep(deployment, fresh, old, havePods(cluster, old)))
        scale(cluster, deployment, set, replicas);
    }
    const complete = writeStatus(deployment, setsOf(cluster, deployment));
    if (complete) forgetOldSets(cluster, deployment, old);
  };

  const writeStatus = (deployment: Deployment, sets: readonly ReplicaSet[], failure?: string): boolean => {
    const { complete, checkInMs } = writeDeploymentStatus(cluster, deployment, sets, failure);
    if (checkInMs !== undefined) queue.add(keyOf(deployment), checkInMs);
    return complete;
  };

  store.subscribe(({ plural, type, object }) => {
    if (plural === 'deployments') queue.add(keyOf(object));
    const { namespace } = object.metadata;
    // Recreate waits for the last pod of an old set.
    const isLate = plural === 'pods' && (type === 'DELETED' || hasEnded(object as Pod));
    const set = isLate ? store.get('replicasets', controllerOf(object)?.name ?? '', namespace) : object;
    const owner = set && (isLate || plural === 'replicasets') ? controllerOf(set) : undefined;
    if (owner) queue.add(`${object.metadata.namespace}/${owner.name}`);
  });
  faults.onChange(() => {
    for (const deployment of store.list('deployments')) queue.add(keyOf(deployment));
  });
}

function havePods({ store }: Cluster, sets: readonly ReplicaSet[]): boolean {
  const pods = store.list('pods', sets[0]?.metadata.namespace).filter((pod) => !hasEnded(pod));
  return pods.some((pod) => sets.some((set) => isControlledBy(pod, set)));
}

export function setsOf({ store }: Cluster, deployment: Deployment): ReplicaSet[] {
  return store.list('replicasets', deployment.metadata.namespace).filter((set) => isControlledBy(set, deployment));
}

/** Returns why it could not. */
function createSet(
  cluster: Cluster,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  hash: string,
): string | undefined {
  const { metadata, spec } = deployment;
  const labels = { ...spec.template.metadata.labels, [hashLabel]: hash };
  const replicas = scaleStep(deployment, undefined, sets, havePods(cluster, sets)).get('new') ?? 0;
  try {
    const created = createObject(cluster, 'replicasets', {
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace ?? '',
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(spec.replicas),
          'deployment.kubernetes.io/max-replicas': String(spec.replicas + bounds(deployment).maxSurge),
          [revisionAnnotation]: String(nextRevision(sets)),
        },
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas,
        ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    });
    if (replicas > 0) recordScaled(cluster, deployment, created, 0, replicas);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = `Failed to create new replica set "${metadata.name}-${hash}": ${error.message}`;
    cluster.recordEvent({
      about: deployment,
      by: 'deployment-controller',
      type: 'Warning',
      reason: 'ReplicaSetCreateError',
      message,
    });
    return message;
  }
}

/** The set in use has the highest revision, and the deployment shows it. */
function markRevision(cluster: Cluster, deployment: Deployment, fresh: ReplicaSet, sets: readonly ReplicaSet[]): void {
  const revision = String(nextRevision(sets.filter((set) => set !== fresh)));
  const current = revisionOf(fresh) >= Number(revision) ? String(revisionOf(fresh)) : revision;
  cluster.store.change('replicasets', fresh.metadata, ({ metadata }) => {
    const annotations = metadata.annotations ?? {};
    const before = annotations[revisionAnnotation];
    if (before && before !== current) {
      const history = annotations['deployment.kubernetes.io/revision-history'];
      annotations['deployment.kubernetes.io/revision-history'] = history ? `${history},${before}` : before;
    }
    metadata.annotations = { ...annotations, [revisionAnnotation]: current };
  });
  cluster.store.change('deployments', deployment.metadata, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: current };
  });
}

function scale(cluster: Cluster, deployment: Deployment, to: ReplicaSet | 'new', replicas: number): void {
  if (to === 'new') return;
  const before = cluster.store.get('replicasets', to.metadata.name, to.metadata.namespace)?.spec.replicas ?? 0;
  if (before === replicas) return;
  cluster.store.change('replicasets', to.metadata, (set) => {
    set.spec.replicas = replicas;
    set.metadata.generation = (set.metadata.generation ?? 0) + 1;
    set.metadata.annotations = {
      ...set.metadata.annotations,
      'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas),
      'deployment.kubernetes.io/max-replicas': String(deployment.spec.replicas + bounds(deployment).maxSurge),
    };
  });
  recordScaled(cluster, deployment, to, before, replicas);
}

function recordScaled(cluster: Cluster, deployment: Deployment, set: ReplicaSet, from: number, to: number): void {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${to}`;
  cluster.recordEvent({
    about: deployment,
    by: 'deployment-controller',
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message,
  });
}

function forgetOldSets(cluster: Cluster, { spec }: Deployment, old: readonly ReplicaSet[]): void {
  const idle = old.filter((set) => set.spec.replicas === 0 && set.status.replicas === 0);
  const surplus = idle.length - spec.revisionHistoryLimit;
  if (surplus <= 0) return;
  const oldest = [...idle].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
  for (const set of oldest) deleteObject(cluster, 'replicasets', set);
}
