import { isIPv6 } from 'node:net';
import { Defect, throwFindings } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import { podPort } from './test-objects.ts';

export type Family = 'IPv4' | 'IPv6';

export const families: readonly Family[] = ['IPv4', 'IPv6'];

export function familyOf(address: string): Family {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}

function addressesOf({ ip, ips }: PodView): readonly string[] {
  return ips ?? (ip ? [ip] : []);
}

/** Each pod has an address of both. Raises k8s.address_missing. */
export function haveBothFamilies(pods: readonly PodView[]): void {
  throwFindings(
    pods.flatMap((pod) => {
      const has = new Set(addressesOf(pod).map(familyOf));
      const missing = families.filter((family) => !has.has(family));
      const message = `pod/${pod.name} on ${pod.node} has no address of ${missing.join(' or ')}`;
      const object = { kind: 'pod', name: pod.name };
      return missing.length > 0 ? [new Defect('k8s.address_missing', message, { object })] : [];
    }),
  );
}

/** The first address of each pod, or that of the family, where it has one. */
export function podTargets(pods: readonly PodView[], namespace: string, family?: Family): readonly HttpTarget[] {
  return pods.flatMap((pod) => {
    const { name, node, ip = '' } = pod;
    const host = family ? addressesOf(pod).find((address) => familyOf(address) === family) : ip;
    const object = { kind: 'pod', name, namespace };
    return host === undefined ? [] : [{ resource: 'pod', object, host, port: podPort, node } as const];
  });
}
