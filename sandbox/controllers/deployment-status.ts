/** The status of a deployment: counts, and the conditions Available, Progressing and ReplicaFailure. */
import type { Cluster } from '../cluster.ts';
import type { Condition, Deployment, ReplicaSet } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import { setCondition } from './conditions.ts';
import { count } from './replicaset.ts';
import { hashLabel, templateHash } from './revisions.ts';
import { bounds } from './rollout.ts';

export interface StatusResult {
  complete: boolean;
  /** Look again then: the progress deadline. */
  checkInMs?: number;
}

export function writeDeploymentStatus(
  cluster: Cluster,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  failure?: string,
): StatusResult {
  const hash = templateHash(deployment.spec.template);
  const fresh = sets.find((set) => set.metadata.labels?.[hashLabel] === hash);
  const result: StatusResult = { complete: false };

  cluster.store.change('deployments', deployment.metadata, ({ metadata, spec, status }) => {
    const before = { ...status };
    status.observedGeneration = metadata.generation ?? 1;
    countPods(status, sets, fresh);
    const { replicas = 0, updatedReplicas = 0, availableReplicas: available = 0 } = status;
    result.complete = [replicas, updatedReplicas, available].every((figure) => figure === spec.replicas);

    const now = cluster.now();
    const set = (condition: Condition) => {
      status.conditions = setCondition(status.conditions, condition, now, { updated: true });
    };
    set(availability(available >= spec.replicas - bounds(deployment).maxUnavailable));
    const broken =
      failure ??
      sets.flatMap((one) => one.status.conditions ?? []).find(({ type }) => type === 'ReplicaFailure')?.message;
    if (broken) set({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: broken });
    else status.conditions = status.conditions?.filter(({ type }) => type !== 'ReplicaFailure');
    if (failure) {
      set({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message: failure });
      return;
    }
    const progress = progressOf(deployment, status, before, fresh?.metadata.name ?? '', now, result);
    if (!progress) return;
    const { moved, ...condition } = progress;
    set({ type: 'Progressing', ...condition });
    if (!moved) return;
    status.conditions = status.conditions?.map((one) =>
      one.type === 'Progressing' ? { ...one, lastUpdateTime: instant(now) } : one,
    );
  });
  return result;
}

function countPods(status: Status, sets: readonly ReplicaSet[], fresh: ReplicaSet | undefined): void {
  const total = (figure: (set: ReplicaSet) => number | undefined) =>
    sets.reduce((sum, set) => sum + (figure(set) ?? 0), 0);
  const available = total((set) => set.status.availableReplicas);
  const figures = {
    replicas: total((set) => set.status.replicas),
    updatedReplicas: fresh?.status.replicas ?? 0,
    readyReplicas: total((set) => set.status.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total((set) => set.spec.replicas) - available),
  };
  for (const [field, value] of Object.entries(figures)) count(status, field, value);
  status.terminatingReplicas = total((set) => set.status.terminatingReplicas);
}

function availability(enough: boolean): Condition {
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

type Status = Deployment['status'];

interface Progress extends Omit<Condition, 'type'> {
  /** Something moved: the deadline counts from now. */
  moved?: boolean;
}

/** The condition Progressing; undefined: it stays as it is. */
function progressOf(
  { spec }: Deployment,
  status: Status,
  before: Status,
  name: string,
  now: number,
  result: StatusResult,
): Progress | undefined {
  const current = status.conditions?.find(({ type }) => type === 'Progressing');
  if (spec.paused) return { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  if (result.complete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  if (!current?.message?.includes(`"${name}"`)) {
    return {
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${name}"`,
      moved: true,
    };
  }
  // Losing a pod later does not undo a finished rollout: only a new template does.
  if (current.reason === 'NewReplicaSetAvailable') return undefined;
  if (hasMoved(status, before) || current.reason === 'DeploymentPaused') {
    return {
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `ReplicaSet "${name}" is progressing.`,
      moved: true,
    };
  }
  const deadline = Date.parse(current.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000;
  if (deadline <= now) {
    return {
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${name}" has timed out progressing.`,
    };
  }
  result.checkInMs = deadline - now + 1000;
  return undefined;
}

/** More pods of the new template, or fewer of the old ones. */
function hasMoved(status: Status, before: Status): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;
  const fields = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;
  return old(status) < old(before) || fields.some((field) => (status[field] ?? 0) > (before[field] ?? 0));
}
