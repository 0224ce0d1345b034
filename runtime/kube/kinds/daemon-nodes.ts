/** The nodes that a DaemonSet of ours fits: by what people say of nodes, and by what every DaemonSet tolerates. */
import type { V1Node, V1PodSpec, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { ClusterView } from './cluster-view.ts';
import { nodes } from './node.ts';
import { isTolerated } from './placement.ts';
import { nodeSelectorOf, type TestObjects } from './test-objects.ts';

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
  const fits = fitsDaemon(objects);
  const keep = (node: V1Node): Seen | undefined => {
    const { metadata, spec } = node;
    if (!fits(node) || metadata?.deletionTimestamp) return undefined;
    return { name: metadata?.name ?? '', isCordoned: spec?.unschedulable === true };
  };
  const list = await view.call('list nodes', (signal) => api.list(nodes, { keep }, signal));
  const fitting = list.items as readonly unknown[] as readonly Seen[];
  const open = fitting.filter(({ name, isCordoned }) => !isCordoned && (only?.includes(name) ?? true));
  const names = open.map(({ name }) => name);
  if (names.length === 0 && !only) throw noNodeTakesThem();
  if (names.length <= most || only) return { wanted: names, allowed: new Set(fitting.map(({ name }) => name)) };
  const chosen = names
    .map((name) => ({ name, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ name }) => name);
  view.scope.note(`${most} of ${names.length} nodes: ${chosen.join(', ')}`);
  return { wanted: chosen, allowed: new Set(chosen), chosen };
}

/** Whether people's words about nodes let a DaemonSet of ours have a pod there. */
export function fitsDaemon(objects: TestObjects): (node: V1Node) => boolean {
  const isTaken = (taint: V1Taint) => isTolerated(taint, [...always, ...(objects.tolerations ?? [])]);
  const wanted = Object.entries(nodeSelectorOf(objects));
  return ({ metadata, spec }) =>
    wanted.every(([key, value]) => metadata?.labels?.[key] === value) && (spec?.taints ?? []).every(isTaken);
}

export function noNodeTakesThem(): Defect {
  return new Defect(
    'k8s.prerequisite_missing',
    'No node takes the test pods: look at TEST_NODE_SELECTOR, set TEST_TOLERATIONS, or uncordon a node',
  );
}

/** Keeps pods to these nodes; undefined: to none in particular. */
export function onlyOn(names: readonly string[] | undefined): Pick<V1PodSpec, 'affinity'> {
  if (!names) return {};
  const nodeSelectorTerms = names.map((name) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
  }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

/** What has no room on its node does not fit it. */
export function hasNoRoom({ node, conditions }: PodView): boolean {
  const refused = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return !node && /Insufficient|Too many pods/.test(refused?.message ?? '');
}
