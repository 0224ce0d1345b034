/** Pods: nobody makes them here, kinds that own them ask about them. */
import type { V1Pod } from '@kubernetes/client-node';
import type { Evidence } from '../../model/evidence.ts';
import type { Grant } from '../../model/use.ts';
import type { ObjectList, Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Ask } from './kind.ts';
import { isReady } from './pod-conditions.ts';
import { podView } from './views.ts';

export const pods: Served<V1Pod> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };

/** Of whoever owns pods: to watch them, and to read their logs. */
export const podGrants: readonly Grant[] = [
  { group: '', resource: 'pods', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
];

/** Of whoever owns TEST_REPLICAS=3 pods: running, terminating, put back, and as many that are surplus for a moment. */
export const podsQuota: Readonly<Record<string, string>> = {
  pods: '12',
  'requests.cpu': '120m',
  'requests.memory': '192Mi',
  'limits.cpu': '2400m',
  'limits.memory': '768Mi',
};

const logLines = 5;
const longestLine = 1000;

export function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** For evidence: at most two requests, the second where those that ended long ago fill the first. */
export async function podsShown(
  view: ClusterView,
  ask: Ask,
  labelSelector: string,
  limit: number,
): Promise<Pick<Evidence, 'pods' | 'partial'>> {
  const query = { namespace: view.namespace, limit, labelSelector };
  const listed = await ask('list pods', (signal) => view.api.list(pods, query, signal));
  const list = isPartial(listed) ? await withoutEnded(view, ask, query) : listed;
  return { pods: (list?.items ?? []).map(podView), ...(isPartial(list) && { partial: ['list pods'] }) };
}

export function isPartial(list: ObjectList<unknown> | undefined): boolean {
  return Boolean(list?.metadata?.continue);
}

/** Evicted pods stay, by the thousand: they are not what a suite waits for. */
function withoutEnded(view: ClusterView, ask: Ask, query: { namespace: string; limit: number; labelSelector: string }) {
  const fieldSelector = 'status.phase!=Failed,status.phase!=Succeeded';
  return ask('list pods that have not ended', (signal) => view.api.list(pods, { ...query, fieldSelector }, signal));
}

/** The log of a pod on a node whose kubelet may be silent: the answer tells a kubelet that is down from a network that is cut. */
export async function suspectLog(
  view: ClusterView,
  ask: Ask,
  seen: Evidence,
  container: string,
): Promise<Pick<Evidence, 'logs'> | undefined> {
  const suspect = suspectPod(seen.pods, seen.nodes);
  return suspect === undefined ? undefined : lastWords(view, ask, suspect, container);
}

function suspectPod(all: Evidence['pods'], nodes: Evidence['nodes']): string | undefined {
  const notReady = new Set(nodes.filter(({ ready }) => !ready).map(({ name }) => name));
  const placed = all.filter(({ node }) => node);
  const mute = placed.filter(
    (pod) => notReady.has(pod.node ?? '') || pod.deletedAt || (pod.containers.length === 0 && !isReady(pod)),
  );
  return (mute.find((pod) => notReady.has(pod.node ?? '')) ?? mute[0])?.name;
}

/** The newest lines of a pod's log, in one request. */
export async function lastWords(
  view: ClusterView,
  ask: Ask,
  name: string,
  container: string,
): Promise<Pick<Evidence, 'logs'>> {
  const request = `read log of pod/${name}`;
  const query = { container, tailLines: logLines };
  const place = { namespace: view.namespace, name };
  const text = await ask(request, (signal) => view.api.text(pods, place, { name: 'log', query }, signal));
  if (text === undefined) return { logs: [] };
  const lines = text.split('\n').filter(Boolean);
  return { logs: [{ pod: name, lines: lines.slice(-logLines).map((line) => line.slice(0, longestLine)) }] };
}
