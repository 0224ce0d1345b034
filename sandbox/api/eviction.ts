/** The eviction of a pod: a deletion that its PodDisruptionBudget must allow. */
import { deleteObject } from '../admission/deletion.ts';
import { Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import { isUnder } from '../kinds/disruption-budget.ts';
import type { Pod } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { instant } from '../store/store.ts';
import { type Reply, requireObject } from './read.ts';
import { type ResourceRequest, readObject } from './request.ts';
import { isDryRun } from './write.ts';

interface Eviction {
  readonly deleteOptions?: {
    readonly dryRun?: readonly string[];
    readonly gracePeriodSeconds?: number;
    readonly preconditions?: { readonly uid?: string };
  };
}

export async function evict(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const { deleteOptions = {} } = (await readObject(request.incoming, 'Eviction')) as Eviction;
  const pod = requireObject(cluster, request) as Pod;
  const { uid } = deleteOptions.preconditions ?? {};
  if (uid && uid !== pod.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`;
    throw new Refusal(409, 'Conflict', why, { name: pod.metadata.name, kind: 'pods' });
  }
  const dryRun = isDryRun(request, 'DeleteOptions', deleteOptions.dryRun);
  // One that has not begun, has ended or goes already disturbs nobody.
  const isFree = hasEnded(pod) || pod.status.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
  if (!isFree) take(cluster, pod, dryRun);
  if (!dryRun) deleteObject(cluster, 'pods', pod, { graceSeconds: deleteOptions.gracePeriodSeconds });
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** One less of what its budget allows. Source: kubernetes, pkg/registry/core/pod/storage/eviction.go. */
function take(cluster: Cluster, pod: Pod, dryRun: boolean): void {
  const { store, now } = cluster;
  const { name, namespace } = pod.metadata;
  const [budget, another] = store.list('poddisruptionbudgets', namespace).filter((one) => isUnder(pod, one));
  if (!budget) return;
  if (another) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new Refusal(500, 'InternalError', `Internal error occurred: ${message}`, {
      causes: [{ reason: '', message }],
    });
  }
  const { generation = 1, name: its } = budget.metadata;
  if ((budget.status.observedGeneration ?? 0) < generation)
    throw refusal(`The disruption budget ${its} is still being processed by the server.`);
  const { disruptionsAllowed, desiredHealthy, currentHealthy } = budget.status;
  if (disruptionsAllowed <= 0)
    throw refusal(
      `The disruption budget ${its} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  if (dryRun) return;
  store.change('poddisruptionbudgets', budget.metadata, ({ status }) => {
    status.disruptionsAllowed -= 1;
    status.disruptedPods = { ...status.disruptedPods, [name]: instant(now()) };
  });
}

function refusal(message: string): Refusal {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new Refusal(429, 'TooManyRequests', text, { causes: [{ reason: 'DisruptionBudget', message }] });
}
