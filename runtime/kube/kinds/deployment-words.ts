/** What a deployment whose pods do not come is told as: the better of what its controller, people's taints and its pods say. */
import type { V1Deployment } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { DeploymentView, PodView } from '../../model/evidence.ts';
import type { ClusterView, TimedOut } from './cluster-view.ts';
import { seconds } from './object-words.ts';
import type { OwnedObject } from './owned-object.ts';
import { noPlaces } from './placement.ts';
import { all, codeOf, isReady } from './pod-conditions.ts';
import { cannotMakePods, replicaFailure } from './rollout.ts';
import { deploymentView } from './views.ts';

/** Where no pods came because the controller may not make them, its own word is the better finding. */
export async function wordOfController(
  error: unknown,
  object: OwnedObject<V1Deployment>,
  standing: number,
  replicas: number,
): Promise<Defect | undefined> {
  const isAboutPods = error instanceof Defect && !error.finding.code.startsWith('api.');
  if (!isAboutPods || standing >= replicas) return undefined;
  const there = await object.listed().catch(() => undefined);
  const failure = replicaFailure(there && deploymentView(there));
  return failure ? cannotMakePods(object.title, failure) : undefined;
}

/** Where a pod finds no node since people leave it none, that is the better finding. */
export async function wordOfPlaces(
  error: unknown,
  view: ClusterView,
  title: string,
  pods: readonly PodView[],
): Promise<Defect | undefined> {
  const isAboutPods = error instanceof Defect && error.finding.code.startsWith('timeout.');
  return isAboutPods ? noPlaces(view, title, pods) : undefined;
}

export interface Unfinished {
  readonly why: string;
  readonly deployment: DeploymentView | undefined;
  readonly afterMs: number;
  readonly replicas: number;
  /** A LIST of now. */
  pods(): Promise<readonly PodView[]>;
}

export async function notRolledOut(
  view: ClusterView,
  { title, ref }: OwnedObject<V1Deployment>,
  { why, deployment, afterMs, replicas, pods }: Unfinished,
): Promise<TimedOut> {
  const failure = replicaFailure(deployment);
  const options = { object: ref };
  if (failure) {
    const { finding } = cannotMakePods(title, failure);
    return { code: finding.code, message: finding.message, options: { ...options, blame: finding.blame } };
  }
  const listed = await pods();
  const noPlace = await noPlaces(view, title, listed);
  if (noPlace) return { code: noPlace.finding.code, message: noPlace.finding.message, options };
  const seen = all(replicas, 'Ready', isReady)(listed);
  const detail = seen.done ? '' : `; ${seen.why}`;
  return {
    code: codeOf(listed, 'timeout.events'),
    message: `${title}: expected to be rolled out, after ${seconds(afterMs)} ${why}${detail}`,
    options,
  };
}
