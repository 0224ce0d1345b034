/** Endpoints and endpoint slices: which pods stand behind a service. */
import { createObject } from '../admission/create.ts';
import { deleteObject } from '../admission/deletion.ts';
import type { Cluster } from '../cluster.ts';
import { slicesOf } from '../net/service-proxy.ts';
import type {
  ContainerPort,
  Endpoint,
  EndpointAddress,
  EndpointSlice,
  Endpoints,
  Pod,
  Service,
  ServicePort,
} from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { selects } from '../store/selectors.ts';
import { isTrue } from './conditions.ts';
import { ownerReference } from './owned.ts';
import { atKey, createQueue, keyOf } from './queue.ts';

export function startEndpoints(cluster: Cluster): void {
  const { store, faults, timing } = cluster;

  const queue = createQueue(
    cluster,
    (key) => {
      if (faults.on('endpoints-controller-down')) return;
      const { name, namespace } = atKey(key);
      const service = store.get('services', name, namespace);
      if (!service) {
        const leftover = store.get('endpoints', name, namespace);
        if (leftover) deleteObject(cluster, 'endpoints', leftover);
        return;
      }
      if (!service.spec.selector || store.get('namespaces', namespace)?.metadata.deletionTimestamp) return;
      const filled = slicesOf(cluster, namespace, name).some((slice) => slice.endpoints?.length);
      if (faults.on('endpoints-stale') && filled) return;
      const pods = store
        .list('pods', namespace)
        .filter((pod) => selects({ matchLabels: service.spec.selector! }, pod.metadata.labels) && pod.status.podIP);
      writeEndpoints(cluster, service, pods);
      writeSlice(cluster, service, pods);
    },
    timing.reconcileMs,
  );

  store.subscribe(({ plural, object, previous }) => {
    if (plural === 'services') queue.add(keyOf(object));
    if (plural !== 'pods') return;
    const labels = { ...previous?.metadata.labels, ...object.metadata.labels };
    for (const service of store.list('services', object.metadata.namespace)) {
      if (service.spec.selector && selects({ matchLabels: service.spec.selector }, labels)) queue.add(keyOf(service));
    }
  });
  faults.onChange(() => {
    for (const service of store.list('services')) queue.add(keyOf(service));
  });
}

function isReady(pod: Pod, service: Service): boolean {
  return isTrue(pod.status.conditions, 'Ready') || service.spec.publishNotReadyAddresses === true;
}

function writeEndpoints(cluster: Cluster, service: Service, all: readonly Pod[]): void {
  const pods = all.filter((pod) => !pod.metadata.deletionTimestamp && !hasEnded(pod));
  const address = (pod: Pod): EndpointAddress => ({
    ip: pod.status.podIP!,
    ...hostnameOf(pod, service),
    nodeName: pod.spec.nodeName!,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace!, name: pod.metadata.name, uid: pod.metadata.uid },
  });
  const ready = pods.filter((pod) => isReady(pod, service)).map(address);
  const notReady = pods.filter((pod) => !isReady(pod, service)).map(address);
  const ports = (service.spec.ports ?? []).map((port) => ({
    ...(port.name && { name: port.name }),
    port: targetOf(port, pods[0]),
    protocol: port.protocol,
  }));
  const subset = {
    ...(ready.length && { addresses: ready }),
    ...(notReady.length && { notReadyAddresses: notReady }),
    ports,
  };
  const subsets = pods.length > 0 ? [subset] : undefined;

  const { name, namespace = '', labels } = service.metadata;
  if (!cluster.store.get('endpoints', name, namespace)) {
    const metadata = { name, namespace, ...(labels && { labels }) };
    createObject(cluster, 'endpoints', { metadata, ...(subsets && { subsets }) });
    return;
  }
  cluster.store.change('endpoints', { name, namespace }, (draft: Endpoints) => {
    if (subsets) draft.subsets = subsets;
    else delete draft.subsets;
  });
}

function writeSlice(cluster: Cluster, service: Service, pods: readonly Pod[]): void {
  const { name, namespace = '' } = service.metadata;
  const endpoints = pods.filter((pod) => !hasEnded(pod)).map((pod) => endpointOf(cluster, service, pod));
  const ports = (service.spec.ports ?? []).map((port) => ({
    name: port.name ?? '',
    port: targetOf(port, pods[0]),
    protocol: port.protocol,
  }));
  const content = endpoints.length > 0 ? { endpoints, ports } : { endpoints: null, ports: null };
  const slice = slicesOf(cluster, namespace, name).find(({ metadata }) => !metadata.deletionTimestamp);
  if (slice) {
    const change = (draft: EndpointSlice) => {
      Object.assign(draft, content);
    };
    cluster.store.change('endpointslices', slice.metadata, change);
    return;
  }
  createObject(cluster, 'endpointslices', {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [ownerReference(service)],
    },
    addressType: 'IPv4',
    ...content,
  });
}

function endpointOf(cluster: Cluster, service: Service, pod: Pod): Endpoint {
  const serving = isReady(pod, service);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const zone = cluster.store.get('nodes', pod.spec.nodeName!)?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [pod.status.podIP!],
    conditions: { ready: serving && !terminating, serving, terminating },
    ...hostnameOf(pod, service),
    nodeName: pod.spec.nodeName!,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace!, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(zone && { zone }),
  };
}

/** Source: k8s.io/endpointslice, getEndpointAddressesHostname. */
function hostnameOf({ spec: { hostname, subdomain } }: Pod, { metadata: { name } }: Service): { hostname?: string } {
  return hostname && subdomain === name ? { hostname } : {};
}

/** A target port by name is looked up in the pod. */
function targetOf({ targetPort, port }: ServicePort, pod: Pod | undefined): number {
  if (typeof targetPort === 'number') return targetPort;
  const ports: ContainerPort[] = pod?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find(({ name }) => name === targetPort)?.containerPort ?? port;
}
