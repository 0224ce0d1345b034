/** Objects of the API → the small views we keep. Takes both what the typed client returns (Date) and what a watch sends (text). */
import type {
  CoreV1Event,
  V1ContainerStatus,
  V1Deployment,
  V1EndpointSlice,
  V1Endpoints,
  V1Node,
  V1Pod,
  V1ReplicaSet,
} from '@kubernetes/client-node';
import type {
  ConditionView,
  ContainerView,
  DeploymentView,
  EndpointsView,
  EventView,
  NodeView,
  PodView,
  ReplicaSetView,
} from '../../model/evidence.ts';
import { cut } from '../../words/text.ts';
import { containerName } from './test-objects.ts';

const longestText = 1000;

export function podView(pod: V1Pod): PodView {
  const { metadata, spec, status } = pod;
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const [first, init] = [status?.containerStatuses ?? [], status?.initContainerStatuses ?? []];
  const ending = init.filter(({ name }) => !sidecars.has(name)).map(containerView);
  const ips = (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    createdAt: instant(metadata?.creationTimestamp) ?? '',
    image: (spec?.containers.find(({ name }) => name === containerName) ?? spec?.containers[0])?.image ?? '',
    node: spec?.nodeName,
    ip: status?.podIP,
    ...(ips.length > 1 && { ips }),
    phase: status?.phase ?? 'Unknown',
    ...(status?.reason && { reason: status.reason }),
    deletedAt: instant(metadata?.deletionTimestamp),
    graceSeconds: metadata?.deletionGracePeriodSeconds,
    owner: metadata?.ownerReferences?.find((owner) => owner.controller)?.name,
    conditions: conditionViews(status?.conditions),
    containers: [...first, ...init.filter(({ name }) => sidecars.has(name))].map(containerView),
    ...(ending.length > 0 && { init: ending }),
  };
}

export function deploymentView(deployment: V1Deployment): DeploymentView {
  const { metadata, spec, status } = deployment;
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    generation: metadata?.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    wanted: spec?.replicas ?? 1,
    replicas: status?.replicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    image: spec?.template.spec?.containers[0]?.image ?? '',
    conditions: conditionViews(status?.conditions),
  };
}

export function replicaSetView(replicaSet: V1ReplicaSet): ReplicaSetView {
  const { metadata, spec, status } = replicaSet;
  return {
    name: metadata?.name ?? '',
    owner: metadata?.ownerReferences?.find((owner) => owner.controller)?.name,
    wanted: spec?.replicas ?? 0,
    replicas: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    image: spec?.template?.spec?.containers[0]?.image ?? '',
    conditions: conditionViews(status?.conditions),
  };
}

/** Endpoints and the slices of a service in one form; a slice's endpoint without a ready condition counts as ready, as the API says. */
export function sliceView(service: string, slices: readonly V1EndpointSlice[], uid = ''): EndpointsView {
  const ownerOf = ({ metadata }: V1EndpointSlice) =>
    metadata?.ownerReferences?.find(({ kind }) => kind === 'Service')?.uid;
  // One that an earlier service of that name left behind says nothing of this one; one that nobody owns leads there as well.
  const current = slices.filter((slice) => !uid || (ownerOf(slice) ?? uid) === uid);
  const endpoints = current.flatMap((slice) => slice.endpoints ?? []);
  const foreign = current
    .filter((slice) => uid && ownerOf(slice) === undefined)
    .map(({ metadata, endpoints }) => ({
      slice: metadata?.name ?? '',
      by: metadata?.labels?.['endpointslice.kubernetes.io/managed-by'],
      addresses: (endpoints ?? []).flatMap(({ addresses }) => addresses),
    }));
  const isReady = (endpoint: (typeof endpoints)[number]) => endpoint.conditions?.ready !== false;
  return {
    service,
    exists: current.some((slice) => !uid || ownerOf(slice) === uid),
    api: 'endpointslice',
    addresses: [...new Set(endpoints.filter(isReady).flatMap((endpoint) => endpoint.addresses))],
    notReady: [
      ...new Set(endpoints.filter((endpoint) => !isReady(endpoint)).flatMap((endpoint) => endpoint.addresses)),
    ],
    ...(foreign.length > 0 && { foreign }),
  };
}

export function endpointsView(service: string, endpoints: V1Endpoints | undefined): EndpointsView {
  const subsets = endpoints?.subsets ?? [];
  return {
    service,
    exists: endpoints !== undefined,
    api: 'endpoints',
    addresses: subsets.flatMap((subset) => subset.addresses ?? []).map((address) => address.ip),
    notReady: subsets.flatMap((subset) => subset.notReadyAddresses ?? []).map((address) => address.ip),
  };
}

export function nodeView(node: V1Node, zoneLabel: string): NodeView {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return {
    name: node.metadata?.name ?? '',
    zone: node.metadata?.labels?.[zoneLabel],
    ready: ready?.status === 'True',
    readySince: instant(ready?.lastTransitionTime),
    readyReason: ready?.reason,
    readyMessage: bounded(ready?.message),
    unschedulable: node.spec?.unschedulable ?? false,
    taints: (node.spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`),
  };
}

export function eventView(event: CoreV1Event): EventView {
  const { kind, name, namespace } = event.involvedObject;
  return {
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    message: bounded(event.message) ?? '',
    object: { kind: (kind ?? '').toLowerCase(), name: name ?? '', ...(namespace && { namespace }) },
    count: event.count ?? 1,
    lastSeen: instant(event.lastTimestamp) ?? instant(event.eventTime) ?? instant(event.firstTimestamp) ?? '',
    source: event.source?.component ?? event.reportingComponent,
  };
}

/** An ISO 8601 instant. The client's V1MicroTime is a Date. */
export function instant(value: Date | string | null | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return value instanceof Date ? value.toISOString() : value;
}

interface AnyCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: Date | string;
}

export function conditionViews(conditions: readonly AnyCondition[] | undefined): readonly ConditionView[] {
  return (conditions ?? []).map((condition) => ({
    type: condition.type,
    status: condition.status,
    reason: condition.reason || undefined,
    message: bounded(condition.message) || undefined,
    since: instant(condition.lastTransitionTime),
  }));
}

function containerView(status: V1ContainerStatus): ContainerView {
  const { waiting, running, terminated } = status.state ?? {};
  const last = status.lastState?.terminated;
  return {
    name: status.name,
    ready: status.ready,
    state: waiting ? 'waiting' : running ? 'running' : terminated ? 'terminated' : 'unknown',
    reason: waiting?.reason ?? terminated?.reason,
    message: bounded(waiting?.message ?? terminated?.message),
    exitCode: terminated?.exitCode,
    ...(last && { last: { reason: last.reason, exitCode: last.exitCode, message: bounded(last.message) } }),
    restarts: status.restartCount,
    image: status.image,
    imageId: status.imageID,
  };
}

function bounded(text: string | undefined): string | undefined {
  return text && cut(text, longestText);
}
