/** What `kubectl get` shows: the columns of each kind, wide ones with priority 1. */

import type {
  Claim,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  KubeObject,
  LabelSelector,
  Lease,
  Node,
  Plural,
  Pod,
  ReplicaSet,
  Service,
  Workload,
} from '../store/objects.ts';
import type { Resource } from '../store/resources.ts';
import { selectorText } from '../store/selectors.ts';
import { podStatusText, restartsOf } from './pod-text.ts';

interface Column {
  name: string;
  wide?: boolean;
  cell: (object: KubeObject, now: number) => unknown;
}

const none = '<none>';
const column = <T extends KubeObject>(
  name: string,
  cell: (object: T, now: number) => unknown,
  wide = false,
): Column => ({
  name,
  wide,
  cell: cell as Column['cell'],
});
const name = column('Name', ({ metadata }) => metadata.name);
const age = column('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));
const joined = (values: readonly unknown[] | undefined) => (values?.length ? values.join(',') : none);
const containers = column<Workload>(
  'Containers',
  ({ spec }) => spec.template.spec.containers.map((one) => one.name).join(','),
  true,
);
const images = column<Workload>(
  'Images',
  ({ spec }) => spec.template.spec.containers.map((one) => one.image).join(','),
  true,
);
const selector = column<Workload>('Selector', ({ spec }) => selectorText(spec.selector) || none, true);

const columns: Partial<Record<Plural, readonly Column[]>> = {
  namespaces: [name, column('Status', ({ status }) => (status as { phase: string }).phase), age],
  nodes: [
    name,
    column<Node>('Status', nodeStatus),
    column('Roles', () => none),
    age,
    column<Node>('Version', ({ status }) => (status.nodeInfo as { kubeletVersion: string }).kubeletVersion),
    column<Node>('Internal-IP', ({ status }) => status.addresses?.[0]?.address ?? none, true),
    column('External-IP', () => none, true),
  ],
  pods: [
    name,
    column<Pod>('Ready', ({ status, spec }) => {
      const ready = status.containerStatuses?.filter((one) => one.ready).length ?? 0;
      return `${ready}/${spec.containers.length}`;
    }),
    column<Pod>('Status', podStatusText),
    column<Pod>('Restarts', (pod) => String(restartsOf(pod))),
    age,
    column<Pod>('IP', ({ status }) => status.podIP ?? none, true),
    column<Pod>('Node', ({ spec }) => spec.nodeName || none, true),
    column('Nominated Node', () => none, true),
    column('Readiness Gates', () => none, true),
  ],
  configmaps: [name, column('Data', ({ data }) => Object.keys((data as object | undefined) ?? {}).length), age],
  secrets: [
    name,
    column('Type', ({ type }) => type),
    column('Data', ({ data }) => Object.keys((data as object | undefined) ?? {}).length),
    age,
  ],
  serviceaccounts: [name, column('Secrets', () => 0), age],
  services: [
    name,
    column<Service>('Type', ({ spec }) => spec.type),
    column<Service>('Cluster-IP', ({ spec }) => spec.clusterIP || none),
    column<Service>(
      'External-IP',
      ({ spec }) => spec.externalName || (spec.type === 'LoadBalancer' ? '<pending>' : none),
    ),
    column<Service>('Port(s)', ({ spec }) =>
      joined(spec.ports?.map((one) => `${one.port}${one.nodePort ? `:${one.nodePort}` : ''}/${one.protocol}`)),
    ),
    age,
    column<Service>(
      'Selector',
      ({ spec }) => selectorText({ matchLabels: spec.selector } as LabelSelector) || none,
      true,
    ),
  ],
  endpoints: [
    name,
    column<Endpoints>('Endpoints', ({ subsets = [] }) =>
      joined(
        subsets.flatMap(({ addresses = [], ports = [] }) =>
          addresses.flatMap(({ ip }) => ports.map(({ port }) => `${ip}:${port}`)),
        ),
      ),
    ),
    age,
  ],
  endpointslices: [
    name,
    column<EndpointSlice>('AddressType', ({ addressType }) => addressType),
    column<EndpointSlice>('Ports', ({ ports }) =>
      ports?.length ? ports.map(({ port }) => port).join(',') : '<unset>',
    ),
    column<EndpointSlice>('Endpoints', ({ endpoints }) =>
      endpoints?.length ? endpoints.flatMap(({ addresses }) => addresses).join(',') : '<unset>',
    ),
    age,
  ],
  deployments: [
    name,
    column<Deployment>('Ready', ({ status, spec }) => `${status.readyReplicas ?? 0}/${spec.replicas}`),
    column<Deployment>('Up-to-date', ({ status }) => status.updatedReplicas ?? 0),
    column<Deployment>('Available', ({ status }) => status.availableReplicas ?? 0),
    age,
    containers,
    images,
    selector,
  ],
  replicasets: [
    name,
    column<ReplicaSet>('Desired', ({ spec }) => spec.replicas),
    column<ReplicaSet>('Current', ({ status }) => status.replicas),
    column<ReplicaSet>('Ready', ({ status }) => status.readyReplicas ?? 0),
    age,
    containers,
    images,
    selector,
  ],
  persistentvolumeclaims: [
    name,
    column<Claim>('Status', ({ status }) => status.phase),
    column<Claim>('Volume', ({ spec }) => spec.volumeName ?? ''),
    column<Claim>('Capacity', ({ status }) => status.capacity?.storage ?? ''),
    column<Claim>('Access Modes', ({ status }) => (status.accessModes ?? []).join(',')),
    column<Claim>('StorageClass', ({ spec }) => spec.storageClassName ?? ''),
    age,
  ],
  leases: [name, column<Lease>('Holder', ({ spec }) => spec.holderIdentity ?? ''), age],
  events: [
    column<Event>('Last Seen', ({ lastTimestamp }, now) => ageOf(lastTimestamp, now)),
    column<Event>('Type', ({ type }) => type),
    column<Event>('Reason', ({ reason }) => reason),
    column<Event>('Object', ({ involvedObject }) => `${involvedObject.kind.toLowerCase()}/${involvedObject.name}`),
    column<Event>('Message', ({ message }) => message),
  ],
};

const columnsFor = ({ plural }: Resource): readonly Column[] => columns[plural] ?? [name, age];

export function columnsOf(resource: Resource): object[] {
  return columnsFor(resource).map(({ name: title, wide }) => ({
    name: title,
    type: 'string',
    format: title === 'Name' ? 'name' : '',
    description: '',
    priority: wide ? 1 : 0,
  }));
}

export function rowOf(resource: Resource, object: KubeObject, now: number): unknown[] {
  return columnsFor(resource).map(({ cell }) => cell(object, now));
}

function nodeStatus({ status, spec }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return `${ready ? 'Ready' : 'NotReady'}${spec.unschedulable ? ',SchedulingDisabled' : ''}`;
}

/** `42s`, `3m`, `5h`, `2d` */
export function ageOf(since: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
