/** When a deployment is rolled out: what `kubectl rollout status` means by it. Pure. */
import { Defect } from '../findings.ts';
import type { DeploymentView } from '../model.ts';
import type { Look } from './watched.ts';

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

/** The controller's own word that it cannot make pods, where it has one. */
export function replicaFailure(deployment: DeploymentView | undefined): string | undefined {
  return deployment?.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message;
}

/** What people set up (quota, LimitRange, Pod Security, a policy that says no): the cluster did as it was told. A dead webhook is its fault. */
const peoplesRules =
  /exceeded quota|failed quota|usage per (Container|Pod)|violates PodSecurity|any pod security policy|denied( the)? request/i;

export function cannotMakePods(title: string, message: string): Defect {
  const blame = peoplesRules.test(message) ? 'us' : 'cluster';
  return new Defect('k8s.replica_failure', `${title}: the controller cannot make pods: ${message}`, { blame });
}
