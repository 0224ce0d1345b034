/** Conditions: the time of transition moves only when the status does. */
import type { Condition } from '../store/objects.ts';
import { instant } from '../store/store.ts';

/** Sets a condition in the list of an object and returns the list. */
export function setCondition(
  conditions: Condition[] | undefined,
  wanted: Condition,
  now: number,
  extra: { probed?: boolean; updated?: boolean } = {},
): Condition[] {
  const list = conditions ?? [];
  const old = list.find((condition) => condition.type === wanted.type);
  const moved = old?.status !== wanted.status;
  const changed = moved || old?.reason !== wanted.reason || old?.message !== wanted.message;
  if (!changed) return list;
  const next: Condition = {
    type: wanted.type,
    status: wanted.status,
    ...(extra.probed && { lastProbeTime: null }),
    ...(extra.updated && { lastUpdateTime: instant(now) }),
    lastTransitionTime: moved ? instant(now) : old?.lastTransitionTime,
    ...(wanted.reason && { reason: wanted.reason }),
    ...(wanted.message && { message: wanted.message }),
  };
  return old ? list.map((condition) => (condition === old ? next : condition)) : [...list, next];
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

/** The pod counts: it is Ready and nobody deletes it. */
export function isReadyPod(pod: {
  metadata: { deletionTimestamp?: string };
  status: { conditions?: Condition[] };
}): boolean {
  return !pod.metadata.deletionTimestamp && isTrue(pod.status.conditions, 'Ready');
}
