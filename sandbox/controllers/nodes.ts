/** Nodes: their kubelets' signs of life, and what the node controller does when they stop. */
import { deleteObject } from '../admission/deletion.ts';
import type { Cluster } from '../cluster.ts';
import { nodeAddress, podRange } from '../net/addresses.ts';
import type { Node, Taint } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import { setCondition } from './conditions.ts';

const anHourMs = 3_600_000;
const leaseNamespace = 'kube-node-lease';
const zoneLabel = 'topology.kubernetes.io/zone';

export const kubeletVersion = 'v1.37.2';

export function startNodes(cluster: Cluster, wanted: { nodes: number; zones: number }): void {
  const { store, faults, timers, timing, now } = cluster;
  const silentSince = new Map<string, number>();
  for (let index = 1; index <= wanted.nodes; index += 1) {
    const node = newNode(index, (index - 1) % wanted.zones, now());
    store.create('nodes', node);
    // The cluster was there before.
    store.change('nodes', node.metadata, (node) => {
      node.metadata.creationTimestamp = instant(now() - anHourMs);
    });
  }

  const beat = (): void => {
    for (const { metadata } of store.list('nodes')) {
      if (!faults.hits('kubelet-down', metadata.name)) renewLease(cluster, metadata.name);
    }
  };
  const watch = (): void => {
    for (const node of store.list('nodes')) {
      const { name } = node.metadata;
      if (!faults.hits('kubelet-down', name)) {
        if (silentSince.delete(name)) markReady(cluster, node);
        continue;
      }
      const since = silentSince.get(name) ?? now();
      silentSince.set(name, since);
      if (now() - since >= timing.nodeGraceMs) markUnreachable(cluster, node);
    }
  };
  beat();
  timers.every(timing.heartbeatMs, beat);
  timers.every(Math.min(1000, timing.nodeGraceMs), watch);
  faults.onChange(watch);
  faults.onChange((name) => {
    if (!name.endsWith('-zone')) return;
    for (const node of store.list('nodes')) labelZone(cluster, node);
  });
}

/** The true zone of a node is kept in an annotation while a fault hides it. */
function labelZone({ store, faults }: Cluster, { metadata }: Node): void {
  const kept = 'sandbox/zone';
  store.change('nodes', metadata, ({ metadata: { labels = {}, annotations = {} } }) => {
    annotations[kept] ??= labels[zoneLabel] ?? '';
    const zone = faults.options('pods-in-one-zone')?.zone ?? annotations[kept];
    if (faults.on('nodes-without-zone')) delete labels[zoneLabel];
    else labels[zoneLabel] = String(zone);
  });
}

function newNode(index: number, zone: number, now: number): Node {
  const name = `node${index}`;
  const conditions = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ] as const;
  const room = { cpu: '8', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'local',
        [zoneLabel]: `zone-${zone + 1}`,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: { podCIDR: podRange(index), podCIDRs: [podRange(index)] } as Node['spec'],
    status: {
      capacity: room,
      allocatable: room,
      conditions: conditions.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
        lastHeartbeatTime: instant(now),
        lastTransitionTime: instant(now),
      })),
      addresses: [
        { type: 'InternalIP', address: nodeAddress(index) },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: 'none',
        osImage: 'kube-e2etests sandbox',
        containerRuntimeVersion: 'sandbox://1',
        kubeletVersion,
        kubeProxyVersion: kubeletVersion,
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}

function renewLease({ store, now }: Cluster, name: string): void {
  const renewTime = `${new Date(now()).toISOString().slice(0, -1)}000Z`;
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
  const renewed = store.change('leases', { name, namespace: leaseNamespace }, (lease) => {
    lease.spec = spec;
  });
  if (renewed) return;
  const metadata = { name, namespace: leaseNamespace, uid: '', resourceVersion: '', creationTimestamp: '' };
  store.create('leases', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
}

const taints: readonly Taint[] = [
  { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
];

const isUnreachable = ({ key }: Taint): boolean => key === taints[0]!.key;

function markUnreachable(cluster: Cluster, { metadata }: Node): void {
  const { store, now } = cluster;
  const silent = {
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  } as const;
  const since = store.get('nodes', metadata.name)?.spec.taints?.find(isUnreachable)?.timeAdded;
  store.change('nodes', metadata, ({ spec, status }) => {
    for (const { type } of status.conditions ?? []) {
      status.conditions = setCondition(status.conditions, { type, ...silent }, now());
    }
    if (spec.taints?.some(isUnreachable)) return;
    const added = taints.map((taint) => ({ ...taint, timeAdded: instant(now()) }));
    spec.taints = [...(spec.taints ?? []), ...added];
  });
  for (const pod of store.list('pods').filter(({ spec }) => spec.nodeName === metadata.name)) {
    store.change('pods', pod.metadata, ({ status }) => {
      if (!status.conditions?.some(({ type }) => type === 'Ready')) return;
      const condition = { type: 'Ready', status: 'False', reason: 'NodeNotReady' } as const;
      status.conditions = setCondition(status.conditions, condition, now(), { probed: true });
    });
    const toleration = pod.spec.tolerations?.find(({ key }) => key === taints[0]!.key);
    const patience = toleration ? (toleration.tolerationSeconds ?? Number.POSITIVE_INFINITY) * 1000 : 0;
    if (!pod.metadata.deletionTimestamp && since && now() - Date.parse(since) > patience)
      deleteObject(cluster, 'pods', pod);
  }
}

function markReady({ store, now }: Cluster, { metadata }: Node): void {
  const sound = newNode(1, 0, now()).status.conditions!;
  store.change('nodes', metadata, ({ spec, status }) => {
    for (const { lastHeartbeatTime, lastTransitionTime, ...condition } of sound) {
      status.conditions = setCondition(status.conditions, condition, now());
    }
    const others = spec.taints?.filter((taint) => !isUnreachable(taint)) ?? [];
    if (others.length > 0) spec.taints = others;
    else delete spec.taints;
  });
  for (const pod of store.list('pods').filter(({ spec }) => spec.nodeName === metadata.name)) {
    store.change('pods', pod.metadata, (draft) => {
      const running = draft.status.containerStatuses?.every(({ ready }) => ready);
      if (!running) return;
      draft.status.conditions = setCondition(draft.status.conditions, { type: 'Ready', status: 'True' }, now(), {
        probed: true,
      });
    });
  }
}
