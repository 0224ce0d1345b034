/** When a deployment is rolled out: what `kubectl rollout status` means by it. Pure. */

import { refusalIn } from '../../blame/refusals.ts';
import { Defect } from '../../defects.ts';
import type { ConditionView, DeploymentView } from '../../model/evidence.ts';
import type { Look } from '../client/watched.ts';

/** Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go, DeploymentStatusViewer. */
export function rolledOut(deployment: DeploymentView | undefined): Look<DeploymentView> {
  if (!deployment) return { done: false, why: 'the deployment is not there' };
  const { generation, observedGeneration, wanted, updated, replicas, available } = deployment;
  if (observedGeneration < generation) {
    return { done: false, why: `generation ${generation} is not observed yet (observed ${observedGeneration})` };
  }
  if (updated < wanted) return { done: false, why: `${updated} of ${wanted} pods updated` };
  if (replicas > updated) return { done: false, why: `${replicas - updated} old pods not terminated yet` };
  if (available < updated) return { done: false, why: `${available} of ${updated} updated pods available` };
  return { done: true, value: deployment };
}

/** Of the Progressing condition. Source: k8s.io/kubernetes/pkg/controller/deployment/util, FailedRSCreateReason. */
const cannotMakeSets = 'ReplicaSetCreateError';

/** The controller's own word that it cannot make pods, or the replica set that makes them, where it has one. */
export function replicaFailure(deployment: DeploymentView | undefined): string | undefined {
  const isRefused = ({ type, status, reason }: ConditionView) =>
    (type === 'ReplicaFailure' && status === 'True') || (status === 'False' && reason === cannotMakeSets);
  return deployment?.conditions.find(isRefused)?.message;
}

/** The cluster did as it was told where what people set up refuses the pods; another failure of the controller is its own. */
export function cannotMakePods(title: string, message: string): Defect {
  const blame = refusalIn(message)?.blame ?? 'cluster';
  return new Defect('k8s.replica_failure', `${title}: the controller cannot make pods: ${message}`, { blame });
}
