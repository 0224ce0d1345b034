/** One step of a rollout, as the deployment controller computes it; pure. */
import type { Deployment, ReplicaSet } from '../store/objects.ts';

/** How many pods more and how many fewer than wanted there may be meanwhile. */
export function bounds({ spec: { replicas, strategy } }: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (strategy.type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: replicas };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
  const surge = resolve(maxSurge, replicas, Math.ceil);
  const unavailable = resolve(maxUnavailable, replicas, Math.floor);
  // Both may not be zero, or nothing would ever move.
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

function resolve(value: number | string, replicas: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) / 100) * replicas);
}

/**
 * The replica sets whose size changes now; `new` stands for the one still to be made.
 * `oldPodsRun`: pods of old sets exist, those being deleted included.
 */
export function scaleStep(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  oldPodsRun: boolean,
): Map<ReplicaSet | 'new', number> {
  const wanted = deployment.spec.replicas;
  const key = fresh ?? 'new';
  const size = fresh?.spec.replicas ?? 0;
  const active = old.filter((set) => set.spec.replicas > 0);
  if (deployment.spec.paused) return pausedStep(deployment, fresh, active);
  if (deployment.spec.strategy.type === 'Recreate') return recreateStep(wanted, key, active, oldPodsRun);

  const { maxSurge } = bounds(deployment);
  const total = size + sum(active, (set) => set.spec.replicas);
  if (size > wanted) return new Map([[key, wanted]]);
  const room = Math.min(wanted + maxSurge - total, wanted - size);
  if (room > 0) return new Map([[key, size + room]]);
  return fresh ? shrinkOld(deployment, fresh, active) : new Map();
}

/** A paused deployment follows its size and nothing else. */
function pausedStep(deployment: Deployment, fresh: ReplicaSet | undefined, active: readonly ReplicaSet[]) {
  const only = active.length === 0 ? fresh : active.length === 1 && !fresh?.spec.replicas ? active[0] : undefined;
  return new Map<ReplicaSet | 'new', number>(only ? [[only, deployment.spec.replicas]] : []);
}

function recreateStep(wanted: number, key: ReplicaSet | 'new', active: readonly ReplicaSet[], oldPodsRun: boolean) {
  if (active.length > 0) return new Map<ReplicaSet | 'new', number>(active.map((set) => [set, 0]));
  return new Map<ReplicaSet | 'new', number>(oldPodsRun ? [] : [[key, wanted]]);
}

/** Unhealthy pods of old templates go first, then as many available ones as may be missing. */
function shrinkOld(
  deployment: Deployment,
  fresh: ReplicaSet,
  active: readonly ReplicaSet[],
): Map<ReplicaSet | 'new', number> {
  const { maxUnavailable } = bounds(deployment);
  const minAvailable = deployment.spec.replicas - maxUnavailable;
  const available = (set: ReplicaSet) => set.status.availableReplicas ?? 0;
  const total = fresh.spec.replicas + sum(active, (set) => set.spec.replicas);
  let mayGo = total - minAvailable - (fresh.spec.replicas - available(fresh));
  const sizes = new Map<ReplicaSet | 'new', number>();
  const size = (set: ReplicaSet) => sizes.get(set) ?? set.spec.replicas;
  const shrink = (set: ReplicaSet, by: number) => {
    if (by <= 0) return;
    sizes.set(set, size(set) - by);
    mayGo -= by;
  };
  const oldestFirst = [...active].sort((a, b) =>
    a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1,
  );
  for (const set of oldestFirst) shrink(set, Math.min(mayGo, size(set) - available(set)));
  mayGo = Math.min(mayGo, available(fresh) + sum(active, available) - minAvailable);
  for (const set of oldestFirst) shrink(set, Math.min(mayGo, size(set)));
  return sizes;
}

function sum(sets: readonly ReplicaSet[], figure: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + figure(set), 0);
}
