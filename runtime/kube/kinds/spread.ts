/** Whether pods stand apart, as their anti-affinity asks for it; where there were too few places, that is the better finding. */
import { findingsOf } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { ClusterView } from './cluster-view.ts';
import { differentNodes, differentZones, topologyOf } from './node.ts';
import { tooFewPlaces } from './placement.ts';

/** Raises k8s.same_node. */
export function onDifferentNodes(view: ClusterView, pods: readonly PodView[]): void {
  try {
    differentNodes(pods);
  } catch (error) {
    throw tooFewPlaces(view) ?? error;
  }
}

/** By the label ANTI_AFFINITY_KEY; `lost` is given the pods of nodes that are not there any more. Raises k8s.same_data_centre, k8s.no_zone_label_on_node. */
export async function inDifferentZones(
  view: ClusterView,
  pods: readonly PodView[],
  lost: (pods: readonly PodView[]) => void,
): Promise<void> {
  const label = view.objects.antiAffinityKey;
  const zones = await topologyOf(
    view,
    label,
    pods.flatMap(({ node }) => node ?? []),
  );
  lost(pods.filter(({ node }) => node && !zones.has(node)));
  try {
    differentZones(pods, zones, label);
  } catch (error) {
    // Pods that share a zone were put there by the scheduler, however few zones there are.
    const isBare = findingsOf(error).every(({ code }) => code === 'k8s.no_zone_label_on_node');
    throw (isBare && tooFewPlaces(view)) || error;
  }
}
