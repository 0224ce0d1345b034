import { isIPv6 } from 'node:net';
import { Defect, throwFindings } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';

export type Family = 'IPv4' | 'IPv6';

export const families: readonly Family[] = ['IPv4', 'IPv6'];

export function familyOf(address: string): Family {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}

export function addressesOf({ ip, ips }: PodView): readonly string[] {
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
