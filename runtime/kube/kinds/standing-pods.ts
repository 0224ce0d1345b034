/** Pods that stand and do nothing, of kinds whose own work is which pods there are; what their objects show when a run has failed. */
import type { KubernetesObject, V1Container } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Evidence, ObjectView, PodView } from '../../model/evidence.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Ask } from './kind.ts';
import type { OwnedObject } from './owned-object.ts';
import { managedBy, ourName } from './ownership.ts';
import { noPlaces } from './placement.ts';
import { podsShown, selectorText, suspectLog } from './pod.ts';
import { refusedPods } from './refused-pods.ts';
import { containerName, imageOf, type TestObjects } from './test-objects.ts';

const mostShown = 50;

/** It ends when it is asked to, by SIGTERM or, as its image says, SIGQUIT: a shell that is process 1 does not by itself. */
export function standingContainer(objects: TestObjects): V1Container {
  const command = ['sh', '-c', 'trap "exit 0" TERM QUIT; sleep 3600 & wait'];
  return { name: containerName, image: imageOf(objects, 'first'), command };
}

/** The evidence of such a kind: its objects, and the pods of all of them. `container`: whose log may say more. */
export function shownWithPods<T extends KubernetesObject>(
  kind: Served<T>,
  show: (object: T) => ObjectView,
  container = containerName,
) {
  return {
    async evidence(view: ClusterView, ask: Ask): Promise<Partial<Evidence>> {
      const labelSelector = selectorText({ [managedBy]: ourName });
      const query = { namespace: view.namespace, labelSelector, limit: mostShown };
      const [list, shown] = await Promise.all([
        ask(`list ${kind.plural}`, (signal) => view.api.list(kind, query, signal)),
        podsShown(view, ask, labelSelector, mostShown),
      ]);
      return { ...shown, objects: (list?.items ?? []).map(show) };
    },
    lastEvidence: (view: ClusterView, ask: Ask, seen: Evidence) => suspectLog(view, ask, seen, container),
  };
}

interface Observed extends KubernetesObject {
  readonly status?: { readonly observedGeneration?: number };
}

/** Its controller has looked at it since it was changed last. */
export function isObserved({ metadata, status }: Observed): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}

/**
 * A wait for pods that ran out of time. `isLacking`: some should have been made, and were not. The better of what their controller, people's taints and the pods themselves say.
 */
export async function wordOn<T extends KubernetesObject>(
  error: unknown,
  view: ClusterView,
  object: OwnedObject<T>,
  pods: readonly PodView[],
  isLacking: boolean,
): Promise<unknown> {
  if (!(error instanceof Defect) || !error.finding.code.startsWith('timeout.')) return error;
  const refused = isLacking ? await refusedPods(view, object.title, object.uid) : undefined;
  return refused ?? (await noPlaces(view, object.title, pods, 1)) ?? error;
}
