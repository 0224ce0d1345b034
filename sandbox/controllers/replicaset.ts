/** The replica set controller: as many pods as asked for. */
import { createObject } from '../admission/create.ts';
import { deleteObject } from '../admission/deletion.ts';
import { Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Condition, Pod, ReplicaSet } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { selects } from '../store/selectors.ts';
import { instant } from '../store/store.ts';
import { isReadyPod, isTrue } from './conditions.ts';
import { adoptOrphans, controllerOf, isControlledBy, ownerReference } from './owned.ts';
import { atKey, createQueue, keyOf } from './queue.ts';

export function startReplicaSets(cluster: Cluster): void {
  const { store, faults, timing } = cluster;

  const queue = createQueue(
    cluster,
    (key) => {
      const { name, namespace } = atKey(key);
      const set = store.get('replicasets', name, namespace);
      if (!set) return;
      if (!faults.on('old-pods-linger')) adoptOrphans(cluster, 'pods', set);
      const pods = podsOf(cluster, set);
      const failure = set.metadata.deletionTimestamp ? undefined : balance(cluster, set, pods);
      writeStatus(cluster, set, failure);
      if (failure) queue.add(key, timing.backOffMs);
      const soonest = pods.map((pod) => availableIn(cluster, pod, set)).filter((ms) => ms > 0);
      if (soonest.length > 0) queue.add(key, Math.min(...soonest));
    },
    timing.reconcileMs,
  );

  store.subscribe(({ plural, object }) => {
    if (plural === 'replicasets') queue.add(keyOf(object));
    if (plural !== 'pods') return;
    const owner = controllerOf(object);
    if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace}/${owner.name}`);
    else if (!owner) for (const set of store.list('replicasets', object.metadata.namespace)) queue.add(keyOf(set));
  });
  faults.onChange(() => {
    for (const set of store.list('replicasets')) queue.add(keyOf(set));
  });
}

/** Pods that run or will: those being deleted are not counted. */
function podsOf(cluster: Cluster, set: ReplicaSet): Pod[] {
  return unendedPodsOf(cluster, set).filter((pod) => !pod.metadata.deletionTimestamp);
}

function unendedPodsOf({ store }: Cluster, set: ReplicaSet): Pod[] {
  return store.list('pods', set.metadata.namespace).filter((pod) => isControlledBy(pod, set) && !hasEnded(pod));
}

/** Creates or deletes; returns why it could not. */
function balance(cluster: Cluster, set: ReplicaSet, pods: readonly Pod[]): string | undefined {
  const missing = set.spec.replicas - pods.length;
  for (let count = 0; count < missing; count += 1) {
    const failure = createPod(cluster, set);
    if (failure) return failure;
  }
  const surplus = [...pods].sort(expendableFirst).slice(0, Math.max(0, -missing));
  for (const pod of surplus) {
    if (lingers(cluster, set)) release(cluster, pod);
    else deleteObject(cluster, 'pods', pod, {});
    record(cluster, set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }
  return undefined;
}

function createPod(cluster: Cluster, set: ReplicaSet): string | undefined {
  const { metadata, spec } = set.spec.template;
  try {
    const pod = createObject(cluster, 'pods', {
      metadata: {
        generateName: `${set.metadata.name}-`,
        namespace: set.metadata.namespace ?? '',
        ...(metadata.labels && { labels: metadata.labels }),
        ...(metadata.annotations && { annotations: metadata.annotations }),
        ownerReferences: [ownerReference(set)],
      },
      spec,
    });
    record(cluster, set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    record(cluster, set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    return error.message;
  }
}

/** The fault old-pods-linger: a pod of an older template is let go instead of deleted. */
function lingers({ store, faults }: Cluster, set: ReplicaSet): boolean {
  if (!faults.on('old-pods-linger')) return false;
  const owner = store.get('deployments', controllerOf(set)?.name ?? '', set.metadata.namespace);
  return owner !== undefined && owner.spec.replicas > 0;
}

function release({ store }: Cluster, pod: Pod): void {
  store.change('pods', pod.metadata, (draft) => {
    delete draft.metadata.ownerReferences;
  });
}

/** Without a node first, then not ready, then the youngest. */
function expendableFirst(a: Pod, b: Pod): number {
  const rank = (pod: Pod) => (pod.spec.nodeName ? (isReadyPod(pod) ? 2 : 1) : 0);
  return rank(a) - rank(b) || (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1);
}

/** Milliseconds until a ready pod counts as available; 0: it does, or it is not ready. */
function availableIn({ now }: Cluster, pod: Pod, set: ReplicaSet): number {
  const seconds = set.spec.minReadySeconds ?? 0;
  const ready = pod.status.conditions?.find((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (!ready || seconds === 0) return 0;
  return Math.max(0, Date.parse(ready.lastTransitionTime ?? '') + seconds * 1000 - now());
}

function writeStatus(cluster: Cluster, set: ReplicaSet, failure: string | undefined): void {
  const all = unendedPodsOf(cluster, set);
  const pods = all.filter((pod) => !pod.metadata.deletionTimestamp);
  const ready = pods.filter((pod) => isTrue(pod.status.conditions, 'Ready'));
  const available = ready.filter((pod) => availableIn(cluster, pod, set) === 0);
  const labels = set.spec.template.metadata.labels ?? {};
  const labelled = pods.filter((pod) => selects({ matchLabels: labels }, pod.metadata.labels));
  cluster.store.change('replicasets', set.metadata, ({ metadata, status }) => {
    status.replicas = pods.length;
    count(status, 'fullyLabeledReplicas', labelled.length);
    count(status, 'readyReplicas', ready.length);
    count(status, 'availableReplicas', available.length);
    status.terminatingReplicas = all.length - pods.length;
    status.observedGeneration = metadata.generation ?? 1;
    const conditions = failureConditions(status.conditions ?? [], failure, cluster.now());
    if (conditions.length > 0) status.conditions = conditions;
    else delete status.conditions;
  });
}

function failureConditions(conditions: readonly Condition[], failure: string | undefined, now: number): Condition[] {
  const others = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  const old = conditions.find((condition) => condition.type === 'ReplicaFailure');
  if (!failure) return others;
  if (old) return [...conditions];
  const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure } as const;
  return [...others, { ...condition, lastTransitionTime: instant(now) }];
}

/** A count of zero is not shown. */
export function count(status: object, field: string, value: number): void {
  const fields = status as Record<string, unknown>;
  if (value > 0) fields[field] = value;
  else delete fields[field];
}

function record(cluster: Cluster, set: ReplicaSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
  cluster.recordEvent({ about: set, by: 'replicaset-controller', type, reason, message });
}
