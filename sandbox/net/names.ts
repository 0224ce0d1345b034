/** The names of the cluster: services, headless ones included, and pods by address. */
import type { Cluster } from '../cluster.ts';
import type { Endpoint } from '../store/objects.ts';
import { slicesOf } from './service-proxy.ts';

export const clusterDomain = 'cluster.local';

/** The IPv4 addresses of a name; none: there is no such name. */
export function lookUp(cluster: Cluster, given: string): string[] {
  const parts = partsOf(given);
  if (parts.at(-1) === 'pod' && parts.length === 3) return podAddress(cluster, parts[0]!, parts[1]!);
  if (parts.at(-1) !== 'svc' || parts.length < 3 || parts.length > 4) return [];
  const [namespace = '', serviceName = '', host] = parts.slice(0, -1).reverse();
  const service = cluster.store.get('services', serviceName, namespace);
  if (!service) return [];
  if (service.spec.clusterIP !== 'None')
    return service.spec.clusterIP && host === undefined ? [service.spec.clusterIP] : [];
  return readyOf(cluster, namespace, serviceName)
    .filter((endpoint) => host === undefined || hostOf(endpoint) === host)
    .flatMap((endpoint) => endpoint.addresses);
}

export interface Target {
  readonly port: number;
  readonly target: string;
}

/** `_port._protocol.service.namespace.svc` → where its pods listen, or the service itself. */
export function portsOf(cluster: Cluster, given: string): readonly Target[] {
  const [portName = '', protocol = '', serviceName = '', namespace = '', ...rest] = partsOf(given);
  const service = rest.join('.') === 'svc' ? cluster.store.get('services', serviceName, namespace) : undefined;
  const isAsked = (name: string | undefined, of: string | undefined) =>
    `_${name}` === portName && `_${of ?? 'TCP'}`.toLowerCase() === protocol;
  const name = `${serviceName}.${namespace}.svc.${clusterDomain}`;
  if (!service) return [];
  if (service.spec.clusterIP !== 'None')
    return (service.spec.ports ?? [])
      .filter((port) => isAsked(port.name, port.protocol))
      .map(({ port }) => ({ port, target: name }));
  const [slice] = slicesOf(cluster, namespace, serviceName);
  const port = slice?.ports?.find((one) => isAsked(one.name, one.protocol))?.port;
  if (port === undefined) return [];
  const hosts = readyOf(cluster, namespace, serviceName).map(hostOf);
  return [...new Set(hosts)].map((host) => ({ port, target: `${host}.${name}` }));
}

/** Without the domain; none: it is no name of the cluster. */
function partsOf(given: string): readonly string[] {
  const name = given.toLowerCase().replace(/\.$/, '');
  return name.endsWith(`.${clusterDomain}`) ? name.slice(0, -clusterDomain.length - 1).split('.') : [];
}

function readyOf(cluster: Cluster, namespace: string, service: string): readonly Endpoint[] {
  return slicesOf(cluster, namespace, service)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions.ready);
}

/** Source: CoreDNS, plugin kubernetes, endpointHostname. */
function hostOf({ hostname, addresses: [address = ''] }: Endpoint): string {
  return hostname ?? address.replaceAll('.', '-');
}

/** The service that has the address, as PTR tells it. */
export function nameOf(cluster: Cluster, ip: string): string | undefined {
  const service = cluster.store.list('services').find((one) => one.spec.clusterIP === ip);
  return service && `${service.metadata.name}.${service.metadata.namespace}.svc.${clusterDomain}`;
}

function podAddress(cluster: Cluster, dashed: string, namespace: string): string[] {
  const ip = dashed.replaceAll('-', '.');
  return cluster.store.list('pods', namespace).some((pod) => pod.status.podIP === ip) ? [ip] : [];
}
