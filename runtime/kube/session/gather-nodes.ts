import type { V1Node } from '@kubernetes/client-node';
import type { NodeView, PodView } from '../../model/evidence.ts';
import type { ClusterView } from '../kinds/cluster-view.ts';
import type { Ask } from '../kinds/kind.ts';
import { type Keeps, listZones, nodes, zonesIn } from '../kinds/node.ts';
import { standing } from '../kinds/pod-conditions.ts';
import { nodeView } from '../kinds/views.ts';

export interface SeenNodes {
  readonly nodes: readonly NodeView[];
  /** There are more than the first 500. */
  readonly more: boolean;
}

const first = 500;
const mostByName = 5;

/** Of a node what is looked at; its images alone are half of it. */
const keep = ({ metadata, spec, status }: V1Node) => ({
  metadata: { name: metadata?.name, labels: metadata?.labels },
  spec: { unschedulable: spec?.unschedulable, taints: spec?.taints },
  status: { conditions: status?.conditions?.filter(({ type }) => type === 'Ready') },
});

export async function firstNodes(session: ClusterView, ask: Ask): Promise<SeenNodes> {
  const { api, objects } = session;
  const list = await ask('list nodes', (signal) => api.list(nodes, { limit: first, keep }, signal));
  return {
    nodes: (list?.items ?? []).map((node) => nodeView(node, objects.antiAffinityKey)),
    more: Boolean(list?.metadata?.continue),
  };
}

/**
 * Of a cluster with more nodes than that those that matter, by name: the nodes of the pods, and for pods that found none some
 * of the zones in which no pod stands. Two requests for each node at most, and one for the zones.
 */
export async function nodesThatMatter(
  session: ClusterView,
  ask: Ask,
  pods: readonly PodView[],
  seen: readonly NodeView[],
): Promise<readonly NodeView[]> {
  const known = new Set(seen.map(({ name }) => name));
  const names = new Set(pods.flatMap(({ node }) => node ?? []).filter((name) => !known.has(name)));
  if (standing(pods).some(({ node }) => !node)) {
    for (const name of await inEmptyZones(session, ask, pods)) if (!known.has(name)) names.add(name);
  }
  const found = await Promise.all([...names].slice(0, mostByName).map((name) => nodeNamed(session, ask, name)));
  return found.filter((node) => node !== undefined);
}

async function inEmptyZones(session: ClusterView, ask: Ask, pods: readonly PodView[]): Promise<readonly string[]> {
  const { antiAffinityKey } = session.objects;
  const ofPods = new Set(standing(pods).map(({ node }) => node));
  const list = await ask('list nodes for their zones', (signal) =>
    listZones(session.api, antiAffinityKey, signal, { keeps: fewOfEachZone(ofPods) }),
  );
  if (!list) return [];
  const zones = zonesIn(list, antiAffinityKey);
  const taken = new Set(standing(pods).map(({ node }) => zones.get(node ?? '')));
  return [...zones].filter(([, zone]) => zone !== undefined && !taken.has(zone)).map(([name]) => name);
}

/** As many of each zone as are looked at, and those of the pods. */
function fewOfEachZone(ofPods: ReadonlySet<string | undefined>): Keeps {
  const kept = new Map<string, number>();
  return (name, zone = '') => {
    const before = kept.get(zone) ?? 0;
    if (before < mostByName) kept.set(zone, before + 1);
    return before < mostByName || ofPods.has(name);
  };
}

/** By a LIST of that one, the verb that there is a right for; by GET where that does not keep to the name. */
async function nodeNamed(session: ClusterView, ask: Ask, name: string): Promise<NodeView | undefined> {
  const { api, objects } = session;
  const fieldSelector = `metadata.name=${name}`;
  const list = await ask(`list node/${name}`, (signal) => api.list(nodes, { fieldSelector, limit: 1, keep }, signal));
  const [listed] = list?.items ?? [];
  const isOther = listed !== undefined && listed.metadata?.name !== name;
  const node = isOther
    ? await ask(`get node/${name}`, (signal) => api.get(nodes, { namespace: '', name }, signal))
    : listed;
  return node && nodeView(node, objects.antiAffinityKey);
}
