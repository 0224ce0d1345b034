import type { V1Node } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { ObjectClient, ObjectList, Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';

export const nodes: Served<V1Node> = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', scope: 'cluster' };

/** Of a cluster with more nodes than that those that are not among them are asked for by name. */
const firstNodes = 500;
const mostByName = 20;

/**
 * Node name → the value of a topology label, for the nodes named: one metadata-only LIST of the first 500 nodes, and one request, two
 * where a selector is not kept to, for each that is not among them. A node that is not there is not in the map.
 */
export async function topologyOf(
  session: ClusterView,
  label: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const wanted = new Set(names);
  const keeps = (name: string) => wanted.has(name);
  const list = await session.call('list nodes', (signal) =>
    listZones(session.api, label, signal, { limit: firstNodes, keeps }),
  );
  const zones = new Map(zonesIn(list, label));
  const missing = [...wanted].filter((name) => !zones.has(name));
  if (!list.metadata?.continue || missing.length === 0) return zones;
  if (missing.length > mostByName) {
    const all = await session.call('list nodes', (signal) => listZones(session.api, label, signal, { keeps }));
    return zonesIn(all, label);
  }
  for (const node of await Promise.all(missing.map((name) => nodeNamed(session, label, name)))) {
    if (node) zones.set(node.metadata?.name ?? '', node.metadata?.labels?.[label]);
  }
  return zones;
}

async function nodeNamed(session: ClusterView, label: string, name: string): Promise<V1Node | undefined> {
  const alone = { fieldSelector: `metadata.name=${name}`, limit: 1 };
  const list = await session.call(`list node/${name}`, (signal) => listZones(session.api, label, signal, alone));
  const [listed] = list.items;
  if (!listed || listed.metadata?.name === name) return listed;
  return session.call<V1Node | undefined>(
    `get node/${name}`,
    (signal) => session.api.get(nodes, { namespace: '', name }, signal),
    () => undefined,
  );
}

/** By its name and its zone. */
export type Keeps = (name: string, zone: string | undefined) => boolean;

/** For `zonesIn`; as one request to be sent. `keeps`: which nodes are wanted of the answer; default all. */
export function listZones(
  api: ObjectClient,
  label: string,
  signal: AbortSignal,
  { keeps, ...of }: { readonly limit?: number; readonly fieldSelector?: string; readonly keeps?: Keeps } = {},
): Promise<ObjectList<V1Node>> {
  const keep = ({ metadata }: V1Node) => {
    const { name = '', labels } = metadata ?? {};
    const zone = labels?.[label];
    if (keeps && !keeps(name, zone)) return undefined;
    return { metadata: { name, ...(zone !== undefined && { labels: { [label]: zone } }) } };
  };
  return api.list(nodes, { ...of, keep, metadataOnly: true }, signal);
}

export function zonesIn(list: ObjectList<V1Node>, label: string): ReadonlyMap<string, string | undefined> {
  return new Map(list.items.map(({ metadata }) => [metadata?.name ?? '', metadata?.labels?.[label]]));
}

/** Raises k8s.same_node, one finding per shared node. */
export function differentNodes(pods: readonly PodView[]): void {
  throwFindings(
    shared(pods, (pod) => pod.node).map(
      ([node, names]) =>
        new Defect('k8s.same_node', `Pods ${names.join(', ')} share ${node} although they are to be spread`, {
          object: { kind: 'node', name: node },
        }),
    ),
  );
}

/** Raises k8s.no_zone_label_on_node and k8s.same_data_centre. */
export function differentZones(
  pods: readonly PodView[],
  zones: ReadonlyMap<string, string | undefined>,
  label: string,
): void {
  const unlabelled = [...new Set(pods.map((pod) => pod.node ?? ''))].filter((node) => !zones.get(node));
  throwFindings([
    ...unlabelled.map((node) => {
      const isThere = zones.has(node);
      const said = isThere ? `Node ${node} has no label ${label}` : `Node ${node || '(none)'} is not there any more`;
      return new Defect(isThere ? 'k8s.no_zone_label_on_node' : 'api.not_found', said, {
        object: { kind: 'node', name: node },
      });
    }),
    ...shared(pods, (pod) => zones.get(pod.node ?? '')).map(
      ([zone, names]) =>
        new Defect(
          'k8s.same_data_centre',
          `Pods ${names.join(', ')} share ${label}=${zone} although their anti-affinity forbids it`,
        ),
    ),
  ]);
}

function shared(pods: readonly PodView[], placeOf: (pod: PodView) => string | undefined): [string, string[]][] {
  const places = Map.groupBy(
    pods.filter((pod) => placeOf(pod)),
    (pod) => placeOf(pod) ?? '',
  );
  return [...places]
    .filter(([, there]) => there.length > 1)
    .map(([place, there]) => [place, there.map((pod) => pod.name)]);
}
