/** The names of the cluster: services, headless ones included, and pods by address. */
import type { Cluster } from '../cluster.ts';
import { slicesOf } from './service-proxy.ts';

export const clusterDomain = 'cluster.local';

/** The IPv4 addresses of a name; none: there is no such name. */
export function lookUp(cluster: Cluster, given: string): string[] {
  const name = given.toLowerCase().replace(/\.$/, '');
  if (!name.endsWith(`.${clusterDomain}`)) return [];
  const parts = name.slice(0, -clusterDomain.length - 1).split('.');
  if (parts.at(-1) === 'pod' && parts.length === 3) return podAddress(cluster, parts[0]!, parts[1]!);
  if (parts.at(-1) !== 'svc' || parts.length !== 3) return [];
  const [serviceName = '', namespace = ''] = parts;
  const service = cluster.store.get('services', serviceName, namespace);
  if (!service) return [];
  if (service.spec.clusterIP !== 'None') return service.spec.clusterIP ? [service.spec.clusterIP] : [];
  return slicesOf(cluster, namespace, serviceName)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions.ready)
    .flatMap((endpoint) => endpoint.addresses);
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
