/** Jobs: pods until enough of them have ended well, or too many badly. */
import type { Cluster } from '../cluster.ts';
import { setCondition } from '../controllers/conditions.ts';
import { isControlledBy, ownerReference } from '../controllers/owned.ts';
import type { Condition, KubeObject, PodTemplate } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import type { Deeds, SandboxKind } from './kind.ts';
import { makePod, plainWords, standingOwner, watchOwners } from './owner.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    jobs: Job;
  }
}

export interface Job extends KubeObject {
  spec: { completions?: number; parallelism?: number; backoffLimit?: number; template: PodTemplate };
  status: {
    active?: number;
    succeeded?: number;
    failed?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: Condition[];
  };
}

export const job: SandboxKind = {
  plural: 'jobs',
  defaults(object) {
    const made = object as Job;
    made.spec = { completions: 1, parallelism: 1, backoffLimit: 6, ...made.spec };
    made.status ??= {};
  },
  template: (object) => (object as Partial<Job>).spec?.template,
  start: (cluster, deeds) =>
    watchOwners(cluster, { plural: 'jobs', kind: 'Job' }, (key, again) => reconcile(cluster, deeds, key, again)),
};

function reconcile(cluster: Cluster, deeds: Deeds, key: string, again: (key: string, ms: number) => void): void {
  const { store, timing } = cluster;
  const made = standingOwner(cluster, 'jobs', key);
  if (!made || endOf(made)) return;
  const { namespace } = made.metadata;
  const { completions = 1, parallelism = 1, backoffLimit = 6 } = made.spec;
  const pods = store.list('pods', namespace).filter((pod) => isControlledBy(pod, made));
  const inPhase = (phase: string) => pods.filter(({ status }) => status.phase === phase);
  const [succeeded, failed] = [inPhase('Succeeded').length, inPhase('Failed').length];
  const active = pods.filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
  const end: Condition | undefined =
    succeeded >= completions
      ? {
          type: 'Complete',
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        }
      : failed > backoffLimit
        ? {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          }
        : undefined;
  let running = active.length;
  if (end) for (const pod of active) deeds.remove('pods', pod);
  else
    for (const wanted = Math.min(parallelism, completions - succeeded); running < wanted; running += 1)
      if (!createPod(cluster, deeds, made)) {
        again(key, timing.backOffMs);
        break;
      }
  store.change('jobs', made.metadata, ({ status }) => {
    status.startTime ??= instant(cluster.now());
    const counts = { active: end ? 0 : running, succeeded, failed };
    for (const [field, value] of Object.entries(counts) as [keyof typeof counts, number][]) {
      if (value > 0) status[field] = value;
      else delete status[field];
    }
    if (!end) return;
    if (end.type === 'Complete') status.completionTime = instant(cluster.now());
    status.conditions = setCondition(status.conditions, end, cluster.now());
  });
}

function endOf({ status }: Job): Condition | undefined {
  return status.conditions?.find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'));
}

/** False: it may not be made. */
function createPod(cluster: Cluster, deeds: Deeds, made: Job): boolean {
  const { name, namespace = '', uid } = made.metadata;
  const { metadata, spec } = made.spec.template;
  const own = { 'batch.kubernetes.io/job-name': name, 'batch.kubernetes.io/controller-uid': uid };
  const pod = {
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      namespace,
      labels: { ...metadata?.labels, ...own },
      ownerReferences: [ownerReference(made)],
    },
    spec,
  };
  return makePod(cluster, deeds, made, pod, plainWords('job-controller'));
}
