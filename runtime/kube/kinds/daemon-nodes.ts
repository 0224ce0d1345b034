/** The nodes that a DaemonSet of ours fits: by what people say of nodes, and by what every DaemonSet tolerates. */
import type { V1Node, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ClusterView } from './cluster-view.ts';
import { nodes } from './node.ts';
import { isTolerated } from './placement.ts';
import { nodeSelectorOf } from './test-objects.ts';

export interface DaemonNodes {
  /** Each must have a pod. A cordoned node need not: somebody is about to take it away. */
  readonly wanted: readonly string[];
  readonly allowed: ReadonlySet<string>;
  /** Of a large cluster: those that are asked for by name. */
  readonly chosen?: readonly string[];
}

/** More are a load, and a quota. */
const most = 10;

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const always: readonly V1Toleration[] = [
  'not-ready',
  'unreachable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
  'unschedulable',
].map((word) => ({ key: `node.kubernetes.io/${word}`, operator: 'Exists' }));

interface Seen {
  readonly name: string;
  readonly isCordoned: boolean;
}

/** One LIST. `only`: of these. Where there are more than ten others are chosen at every time. Raises k8s.prerequisite_missing. */
export async function daemonNodes(view: ClusterView, only?: readonly string[]): Promise<DaemonNodes> {
  const { objects, api } = view;
  const keep = (node: V1Node): Seen | undefined => {
    const { metadata, spec } = node;
    const labels = metadata?.labels ?? {};
    const isSelected = Object.entries(nodeSelectorOf(objects)).every(([key, value]) => labels[key] === value);
    if (!isSelected || metadata?.deletionTimestamp || !(spec?.taints ?? []).every(isTaken)) return undefined;
    return { name: metadata?.name ?? '', isCordoned: spec?.unschedulable === true };
  };
  const isTaken = (taint: V1Taint) => isTolerated(taint, [...always, ...(objects.tolerations ?? [])]);
  const list = await view.call('list nodes', (signal) => api.list(nodes, { keep }, signal));
  const fitting = list.items as readonly unknown[] as readonly Seen[];
  const open = fitting.filter(({ name, isCordoned }) => !isCordoned && (only?.includes(name) ?? true));
  const names = open.map(({ name }) => name);
  if (names.length === 0 && !only)
    throw new Defect(
      'k8s.prerequisite_missing',
      'No node takes the test pods: look at TEST_NODE_SELECTOR, set TEST_TOLERATIONS, or uncordon a node',
    );
  if (names.length <= most || only) return { wanted: names, allowed: new Set(fitting.map(({ name }) => name)) };
  const chosen = names
    .map((name) => ({ name, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ name }) => name);
  view.scope.note(`${most} of ${names.length} nodes: ${chosen.join(', ')}`);
  return { wanted: chosen, allowed: new Set(chosen), chosen };
}
