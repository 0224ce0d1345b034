/** The addresses of nodes, pods and services, as a cluster with the usual ranges gives them. */
import { randomInt } from 'node:crypto';
import { cause, invalid } from '../admission/status.ts';
import type { Service } from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import type { Store } from '../store/store.ts';

export const apiServerAddress = '10.96.0.1';
export const dnsAddress = '10.96.0.10';
/** Where requests to pods seem to come from. */
export const gatewayAddress = '10.244.0.1';

export const nodeAddress = (index: number): string => `192.168.64.${10 + index}`;
export const podRange = (index: number): string => `10.244.${index}.0/24`;

/** An address of the node's range that is not in use, counting upwards as the network plugin does; undefined: all are. */
export function createPodAddresses(): (podCidr: string, taken: (ip: string) => boolean) => string | undefined {
  const next = new Map<string, number>();
  return (podCidr, taken) => {
    const prefix = podCidr.split('.').slice(0, 3).join('.');
    let last = next.get(prefix) ?? 1;
    for (let tried = 0; tried < 253; tried++) {
      last = last >= 254 ? 2 : last + 1;
      next.set(prefix, last);
      if (!taken(`${prefix}.${last}`)) return `${prefix}.${last}`;
    }
    return undefined;
  };
}

/** Fills in clusterIP and node ports; throws Invalid for an address that is taken. */
export function allocateServiceAddress(store: Store, service: Service): void {
  const { spec } = service;
  if (spec.type === 'ExternalName') return;
  const all = store.list('services');
  const taken = new Set(all.map((other) => other.spec.clusterIP));
  if (spec.clusterIP && spec.clusterIP !== 'None') {
    if (taken.has(spec.clusterIP)) {
      const why = `failed to allocated ip:${spec.clusterIP} with error:provided IP is already allocated`;
      throw invalid(resourceOf('services'), service.metadata.name, [
        cause.invalid('spec.clusterIPs', [spec.clusterIP], why),
      ]);
    }
  }
  while (!spec.clusterIP) {
    const candidate = `10.96.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    if (!taken.has(candidate)) spec.clusterIP = candidate;
  }
  spec.clusterIPs = [spec.clusterIP];
  if (spec.type === 'ClusterIP') return;
  const used = new Set(all.flatMap((other) => (other.spec.ports ?? []).map((port) => port.nodePort)));
  for (const port of spec.ports ?? []) {
    while (!port.nodePort) {
      const candidate = randomInt(30000, 32768);
      if (!used.has(candidate)) port.nodePort = candidate;
    }
  }
}
