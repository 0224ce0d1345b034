/** CronJobs: whatever their schedule says, a Job each minute of the sandbox, which is a short one. */
import type { Cluster } from '../cluster.ts';
import { isControlledBy, ownerReference } from '../controllers/owned.ts';
import type { KubeObject, PodTemplate } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import type { Deeds, SandboxKind } from './kind.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    cronjobs: CronJob;
  }
}

interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    suspend?: boolean;
    successfulJobsHistoryLimit?: number;
    jobTemplate: { metadata?: object; spec?: { template?: PodTemplate } };
  };
  status: { lastScheduleTime?: string };
}

export const cronJob: SandboxKind = {
  plural: 'cronjobs',
  defaults(object) {
    const made = object as CronJob;
    made.spec = { suspend: false, ...made.spec };
    made.status ??= {};
  },
  template: (object) => (object as Partial<CronJob>).spec?.jobTemplate?.spec?.template,
  start(cluster, deeds) {
    cluster.timers.every(cluster.timing.cronMinuteMs, () => {
      for (const made of cluster.store.list('cronjobs')) {
        fire(cluster, deeds, made);
        forget(cluster, deeds, made);
      }
    });
  },
};

function fire(cluster: Cluster, deeds: Deeds, made: CronJob): void {
  const { store, now, timing } = cluster;
  if (made.metadata.deletionTimestamp || made.spec.suspend) return;
  const { name, namespace = '' } = made.metadata;
  const { metadata, spec } = made.spec.jobTemplate;
  const at = now();
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    cluster.recordEvent({ about: made, by: 'cronjob-controller', type, reason, message });
  const minute = Math.floor(at / timing.cronMinuteMs);
  const annotations = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': new Date(at).toISOString() };
  const job = {
    metadata: {
      ...metadata,
      name: `${name}-${minute}`,
      namespace,
      annotations,
      ownerReferences: [ownerReference(made)],
    },
    spec,
  };
  try {
    deeds.create('jobs', job);
    record('Normal', 'SuccessfulCreate', `Created job ${name}-${minute}`);
  } catch (error) {
    const why = deeds.refusal(error);
    if (why === undefined) throw error;
    record('Warning', 'FailedCreate', `Error creating job: ${why}`);
    return;
  }
  store.change('cronjobs', made.metadata, (draft) => {
    draft.status.lastScheduleTime = instant(at);
  });
}

/** Those that ended before the last few. */
function forget({ store }: Cluster, deeds: Deeds, made: CronJob): void {
  const { successfulJobsHistoryLimit: kept = 3 } = made.spec;
  const ended = store
    .list('jobs', made.metadata.namespace)
    .filter((job) => isControlledBy(job, made) && job.status.completionTime && !job.metadata.deletionTimestamp)
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  for (const job of ended.slice(0, Math.max(0, ended.length - kept))) deeds.remove('jobs', job);
}
