/** Pods that somebody else removed while they were looked at, and who that may be. */
import type { EventView, NodeView, PodView } from '../../model/evidence.ts';
import type { Removal } from '../../model/session-contract.ts';
import type { ClusterView } from './cluster-view.ts';
import { events as eventKind } from './core-event.ts';
import { nodes } from './node.ts';
import { hasEnded } from './pod-conditions.ts';
import { eventView, nodeView } from './views.ts';

/** Reasons of the condition DisruptionTarget. Source: k8s.io/api/core/v1 and kubernetes.io, "Pod disruption conditions". */
const disruptions: Readonly<Record<string, Pick<Removal, 'by' | 'words'>>> = {
  EvictionByEvictionAPI: {
    by: 'eviction',
    words: 'evicted by the eviction API, as by a drain, a descheduler or an autoscaler',
  },
  PreemptionByScheduler: { by: 'preemption', words: 'preempted for a pod of higher priority' },
  DeletionByTaintManager: { by: 'taint', words: 'evicted because of a NoExecute taint of its node' },
  TerminationByKubelet: {
    by: 'kubelet',
    words: 'ended by its kubelet, because of node pressure, preemption or shutdown',
  },
  DeletionByPodGC: { by: 'node', words: 'deleted since its node is gone' },
};

/** Of a pod's status, and of events about it. */
const said: Readonly<Record<string, Pick<Removal, 'by' | 'words'>>> = {
  Evicted: { by: 'kubelet', words: 'evicted by its kubelet under node pressure' },
  Preempting: { by: 'preemption', words: 'preempted for a critical pod' },
  Preempted: disruptions.PreemptionByScheduler!,
  NodeShutdown: { by: 'node', words: 'ended since its node shuts down' },
  Terminated: { by: 'node', words: 'ended since its node shuts down' },
  NodeLost: { by: 'node', words: 'lost with its node' },
  TaintManagerEviction: disruptions.DeletionByTaintManager!,
  Descheduled: { by: 'eviction', words: 'evicted by a descheduler' },
  EvictedByVPA: { by: 'eviction', words: 'evicted by the vertical pod autoscaler' },
  ScaleDown: { by: 'eviction', words: 'evicted by the cluster autoscaler, which removes its node' },
};

const unknown: Pick<Removal, 'by' | 'words'> = { by: 'somebody', words: 'deleted by somebody else' };

/** Whether the pod is going or gone; `now`: as it is listed now. */
export function isGoing(now: PodView | undefined): boolean {
  return !now || Boolean(now.deletedAt) || hasEnded(now);
}

/** What the pod itself says of it. */
export function removalOf(pod: PodView, now: PodView | undefined): Removal {
  const seen = now ?? pod;
  const target = seen.conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const found = disruptions[target?.reason ?? ''] ?? said[seen.reason ?? ''] ?? unknown;
  return { pod: pod.name, ...(pod.node && { node: pod.node }), ...found };
}

export function lostWithNode(pod: PodView): Removal {
  return { pod: pod.name, by: 'node', words: `on node ${pod.node}, which is not there any more` };
}

/** With the events and the node of a pod that does not say it: two requests, on the first of them. */
export async function explained(session: ClusterView, removals: readonly Removal[]): Promise<readonly Removal[]> {
  const silent = removals.find(({ by }) => by === 'somebody');
  if (!silent) return removals;
  const why = byEvents(await eventsOf(session, silent.pod)) ?? (await byNode(session, silent.node));
  return why ? removals.map((one) => (one.by === 'somebody' ? { ...one, ...why } : one)) : removals;
}

function byEvents(events: readonly EventView[]): Pick<Removal, 'by' | 'words'> | undefined {
  return events.map(({ reason }) => said[reason]).find(Boolean);
}

async function byNode(
  session: ClusterView,
  name: string | undefined,
): Promise<Pick<Removal, 'by' | 'words'> | undefined> {
  if (!name) return undefined;
  const node = await nodeOf(session, name);
  if (node === undefined) return undefined;
  if (node === 'gone') return { by: 'node', words: `gone with node ${name}, which is not there any more` };
  if (node.unschedulable)
    return { by: 'eviction', words: `removed from node ${name}, which is cordoned, as in a drain` };
  if (!node.ready) return { by: 'node', words: `removed from node ${name}, which is NotReady` };
  return undefined;
}

async function eventsOf(session: ClusterView, pod: string): Promise<readonly EventView[]> {
  const { namespace, api } = session;
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${pod}`;
  const list = await session
    .call(`list events of pod/${pod}`, (signal) => api.list(eventKind, { namespace, fieldSelector, limit: 50 }, signal))
    .catch(() => undefined);
  return (list?.items ?? []).map(eventView);
}

/** By a LIST, the verb that there is a right for. */
async function nodeOf(session: ClusterView, name: string): Promise<NodeView | 'gone' | undefined> {
  const fieldSelector = `metadata.name=${name}`;
  const list = await session
    .call(`list node/${name}`, (signal) => session.api.list(nodes, { fieldSelector, limit: 1 }, signal))
    .catch(() => undefined);
  if (!list) return undefined;
  const [node] = list.items;
  if (!node) return 'gone';
  return node.metadata?.name === name ? nodeView(node, session.objects.antiAffinityKey) : undefined;
}
