/** The addresses of nodes, pods and services, as a cluster with the usual ranges gives them. */
import { randomInt } from 'node:crypto';
import { cause, invalid } from '../admission/status.ts';
import type { Service } from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import type { Store } from '../store/store.ts';

export const apiServerAddress = '10.96.0.1';
export const dnsAddress = '10.96.0.10';
/** Where Ingresses and Gateways are served, on port 80. */
export const edgeAddress = '192.168.64.200';
/** Where requests to pods seem to come from. */
export const gatewayAddress = '10.244.0.1';

/** .2 to .254: .1 is the gateway's. */
const hostsPerNode = 253;

export const isServiceAddress = (ip: string): boolean => ip.startsWith('10.96.');
export const nodeAddress = (index: number): string => `192.168.64.${10 + index}`;
export const podRange = (index: number): string => `10.244.${index}.0/24`;

/** An address of the node's range that is not in use, counting upwards as the network plugin does. Undefined: there is none. */
export function createPodAddresses(): (podCidr: string, taken: (ip: string) => boolean) => string | undefined {
  const next = new Map<string, number>();
  return (podCidr, taken) => {
    const prefix = podCidr.split('.').slice(0, 3).join('.');
    const before = next.get(prefix) ?? 1;
    for (let step = 0; step < hostsPerNode; step += 1) {
      const host = 2 + ((before - 1 + step) % hostsPerNode);
      if (taken(`${prefix}.${host}`)) continue;
      next.set(prefix, host);
      return `${prefix}.${host}`;
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
      const why = `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`;
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
