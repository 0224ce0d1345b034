/**
 * When a lease of another process counts as dead: once its record stood unchanged for its duration by our own monotonic
 * clock, as client-go's leader election has it. No instant that another clock wrote decides anything.
 */
import type { V1Lease, V1MicroTime } from '@kubernetes/client-node';
import type { Served } from '../client/served.ts';

export const leases: Served<V1Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' };

/** Of a lease that does not say. */
export const durationS = 30;

const most = 1_000;

/** uid → the record as it was first seen, and when that was by `performance.now()`. */
const sightings = new Map<string, { record: string; at: number }>();

/** Milliseconds until the lease counts as dead; 0 when it does now. `askedAt`: before it was asked for, by `performance.now()`. */
export function stillAliveMs(lease: V1Lease, askedAt: number): number {
  const uid = lease.metadata?.uid ?? '';
  const record = recordOf(lease);
  const known = sightings.get(uid);
  if (known?.record === record) return Math.max(0, known.at + durationMs(lease) - askedAt);
  if (sightings.size >= most) sightings.clear();
  sightings.set(uid, { record, at: performance.now() });
  return durationMs(lease);
}

/** What its holder writes. Not the resourceVersion: whoever labels leases would keep a dead one alive. */
export function recordOf(lease: V1Lease): string {
  return JSON.stringify(lease.spec);
}

/** By the clocks of both sides its holder may be dead. Good enough to wait for it, never to take it. */
export function seemsDead(lease: V1Lease): boolean {
  const renewed = new Date(lease.spec?.renewTime ?? 0).getTime();
  return !(Math.abs(Date.now() - renewed) <= durationMs(lease));
}

function durationMs(lease: V1Lease): number {
  return (lease.spec?.leaseDurationSeconds || durationS) * 1000;
}

/** This instant, as a lease has it: text, though the types of the client library have it as a date. */
export function microTime(): V1MicroTime {
  return new Date().toISOString().replace('Z', '000Z') as never;
}
