/** kube-proxy: each new connection to a service goes to one of its ready endpoints, a moment behind the API. */
import type { Cluster } from '../cluster.ts';
import { atKey, createQueue, keyOf } from '../controllers/queue.ts';
import type { EndpointSlice, Service } from '../store/objects.ts';
import { apiServerAddress, isServiceAddress } from './addresses.ts';
import type { Dial } from './dial.ts';

export interface ServiceTable {
  /** Undefined: not a service's address. */
  dial(ip: string, port: number, dialPod: (ip: string, port: number) => Dial): Dial | undefined;
}

interface Backend {
  ip: string;
  port: number;
  node: string | undefined;
}

/** What a service's rules are: its ports, each with its backends and whose turn it is. */
type Rules = Map<number, { backends: Backend[]; turn: number }>;

export function createServiceProxy(cluster: Cluster, apiPort: () => number): ServiceTable {
  const { store, faults } = cluster;
  const rules = new Map<string, Rules>();
  /** By node port. */
  const nodePorts = new Map<number, { ip: string; port: number }>();
  const addresses = new Map<string, string>();

  const sync = createQueue(
    cluster,
    (key) => {
      const { namespace, name } = atKey(key);
      const old = addresses.get(key);
      if (old) rules.delete(old);
      addresses.delete(key);
      for (const [port, { ip }] of nodePorts) if (ip === old) nodePorts.delete(port);
      const service = store.get('services', name, namespace);
      const ip = service?.spec.clusterIP;
      if (!service || !ip || ip === 'None') return;
      addresses.set(key, ip);
      for (const { port, nodePort } of service.spec.ports ?? []) if (nodePort) nodePorts.set(nodePort, { ip, port });
      rules.set(ip, rulesOf(service, slicesOf(cluster, namespace, name)));
    },
    cluster.timing.proxySyncMs,
  );

  store.subscribe(({ plural, object }) => {
    if (plural === 'services') sync.add(keyOf(object));
    const service = plural === 'endpointslices' && object.metadata.labels?.['kubernetes.io/service-name'];
    if (service) sync.add(`${object.metadata.namespace}/${service}`);
  });

  const dead = (backend: Backend) =>
    backend.node !== undefined && faults.hits('service-proxy-one-dead-backend', backend.node);

  const nodeAt = (ip: string) =>
    store.list('nodes').find(({ status }) => status.addresses?.some(({ address }) => address === ip))?.metadata.name;

  const dialNode = (node: string, nodePort: number, dialPod: (ip: string, port: number) => Dial): Dial => {
    const down = faults.hits('node-proxy-down', node) ? faults.options('node-proxy-down') : undefined;
    if (down) return failure(down.mode);
    const to = nodePorts.get(nodePort);
    return to ? dialService(to.ip, to.port, dialPod) : { kind: 'refused' };
  };

  const dialService = (ip: string, port: number, dialPod: (ip: string, port: number) => Dial): Dial => {
    if (ip === apiServerAddress && port === 443) return { kind: 'port', port: apiPort() };
    const ports = rules.get(ip);
    if (!ports) return { kind: 'silent' };
    const rule = ports.get(port);
    if (!rule || rule.backends.length === 0) return { kind: 'refused' };
    const backend = rule.backends[rule.turn++ % rule.backends.length]!;
    if (dead(backend)) return failure(faults.options('service-proxy-one-dead-backend')!.mode);
    const dial = dialPod(backend.ip, backend.port);
    const slow = faults.options('service-proxy-slow');
    return dial.kind === 'port' && slow ? { ...dial, delayMs: Number(slow.seconds) * 1000 } : dial;
  };

  return {
    dial: (ip, port, dialPod) => {
      const isService = isServiceAddress(ip);
      const down = isService && faults.options('service-proxy-down');
      if (down) return failure(down.mode);
      if (isService) return dialService(ip, port, dialPod);
      const node = nodeAt(ip);
      return node === undefined ? undefined : dialNode(node, port, dialPod);
    },
  };
}

/** The slices that belong to a service. */
export function slicesOf(cluster: Cluster, namespace: string, service: string): EndpointSlice[] {
  return cluster.store
    .list('endpointslices', namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service);
}

function rulesOf(service: Service, slices: readonly EndpointSlice[]): Rules {
  const rules: Rules = new Map();
  for (const { port, name = '' } of service.spec.ports ?? []) {
    const backends = slices.flatMap((slice) => {
      const target = slice.ports?.find((one) => one.name === name);
      const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions.ready);
      return target
        ? ready.map(({ addresses: [ip = ''], nodeName }) => ({ ip, port: target.port, node: nodeName }))
        : [];
    });
    rules.set(port, { backends, turn: 0 });
  }
  return rules;
}

/** What a connection comes to where a proxy does not work. */
export function failure(mode: unknown): Dial {
  return mode === 'timeout' ? { kind: 'silent' } : { kind: 'refused' };
}
