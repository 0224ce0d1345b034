import type { CoreV1Event, V1PodList } from '@kubernetes/client-node';
import type { EventView, Evidence, ProbeView } from '../../model/evidence.ts';
import type { CallOptions } from '../client/calls.ts';
import { readEndpoints } from '../kinds/endpoints.ts';
import { isReady } from '../kinds/pod-conditions.ts';
import { containerName, selectorOf } from '../kinds/test-objects.ts';
import { conditionViews, deploymentView, eventView, instant, podView, replicaSetView } from '../kinds/views.ts';
import { type Ask, firstNodes, nodesThatMatter, type SeenNodes } from './gather-nodes.ts';
import type { KubeSession } from './session.ts';

const limitMs = 5_000;
/** Before the whole is over, so that a request without an answer is told as one. */
const answerMs = 4_500;
const most = 50;
/** Events of an hour of back-to-back runs are some 2,000. */
const mostEvents = 10_000;
/** What every healthy pod brings; a kept namespace is full of it. */
const noise = ['Scheduled', 'Created', 'Started'].map((reason) => `reason!=${reason}`).join(',');
const logLines = 5;

/**
 * What the objects show now: at most six requests of one attempt each, at most 5 s. Five LISTs side by side, and then
 * the one that tells more: a pod's log from a node that does not do its work, since the answer tells a kubelet that is
 * down from a network that is cut; else the service's endpoints. Where a list is longer than what is read of it, what matters is
 * asked for by name or, where that cannot be, the list is named as `partial`.
 */
export async function gatherEvidence(session: KubeSession, probes: readonly ProbeView[]): Promise<Evidence> {
  // Not the run's signal: evidence is gathered after a deadline too.
  const signal = AbortSignal.timeout(limitMs);
  const began = performance.now();
  const ask: Ask = async (request, attempt) => {
    const budgetMs = Math.max(1, answerMs - (performance.now() - began));
    try {
      return await session.calls.send(request, { signal, budgetMs, once: true }, attempt);
    } catch {
      return undefined;
    }
  };
  const nothing = { replicaSets: [], pods: [], nodes: [], events: [], logs: [] };
  const seen = session.needsNamespace ? await inNamespace(session, ask) : await ofNamespace(session, ask);
  const at = new Date().toISOString();
  return { at, ...nothing, ...seen, probes: [...probes], api: [...session.calls.failures] };
}

async function inNamespace(session: KubeSession, ask: Ask) {
  const { apis, namespace } = session;
  const labelSelector = Object.entries(selectorOf(session.objects))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { deployment: name, replicas } = session.objects;
  const mostPods = Math.max(most, 3 * replicas);
  const named = { namespace, fieldSelector: `metadata.name=${name}` };
  const [nodes, deployments, replicaSets, listed, events] = await Promise.all([
    firstNodes(session, ask),
    ask('list deployments', (o) => apis.apps.listNamespacedDeployment(named, o)),
    ask('list replicasets', (o) => apis.apps.listNamespacedReplicaSet({ namespace, limit: most, labelSelector }, o)),
    ask('list pods', (o) => apis.core.listNamespacedPod({ namespace, limit: mostPods, labelSelector }, o)),
    ask('list events', (o) => listEvents(session, o)),
  ]);
  const podList = isPartial(listed) ? await withoutEnded(session, ask, labelSelector, mostPods) : listed;
  const pods = (podList?.items ?? []).map(podView);
  const sets = (replicaSets?.items ?? []).map(replicaSetView);
  const known = [name, session.objects.service, ...pods.map((pod) => pod.name), ...sets.map((set) => set.name)];
  const partial = [
    isPartial(podList) && 'list pods',
    isPartial(replicaSets) && 'list replicasets',
    nodes.more && 'list nodes',
  ].filter((one) => one !== false);
  const deployment = deployments?.items.find((item) => item.metadata?.name === name);
  const seen = {
    ...(deployment && { deployment: deploymentView(deployment) }),
    nodes: await nodesOf(session, ask, nodes, pods),
    pods,
    replicaSets: sets,
    events: newest((events?.items ?? []).map(eventView), new Set(known)),
    ...(partial.length > 0 && { partial }),
  };
  const suspect = suspectPod(pods, seen.nodes);
  if (suspect) return { ...seen, logs: await lastWords(session, ask, suspect) };
  if (session.serviceUid === undefined) return seen;
  // Every version serves Endpoints; slices only where that is known without a request.
  const sliced = session.knowsSlices ?? false;
  const endpoints = await ask('list endpoints', (o) => readEndpoints(session, sliced, o));
  return { ...seen, ...(endpoints && { endpoints }) };
}

/** Every event of the namespace but the noise, each reduced as it comes in: a limit cuts by name, and what explains may come last. */
function listEvents(session: KubeSession, options: CallOptions) {
  const { namespace, apis } = session;
  let count = 0;
  const keep = ({ metadata, managedFields: _, ...rest }: CoreV1Event & { managedFields?: unknown }) =>
    ++count > mostEvents ? undefined : { ...rest, metadata: { name: metadata?.name } };
  return apis.core.listNamespacedEvent({ namespace, fieldSelector: noise }, apis.lean(options, keep));
}

/** Those about the objects at hand before others, the newest of them; in order of time, newest first. */
function newest(events: readonly EventView[], known: ReadonlySet<string>): readonly EventView[] {
  const rank = ({ object }: EventView) => (known.has(object.name) ? 0 : 1);
  const byTime = (a: EventView, b: EventView) => b.lastSeen.localeCompare(a.lastSeen);
  return events
    .toSorted((a, b) => rank(a) - rank(b) || byTime(a, b))
    .slice(0, most)
    .sort(byTime);
}

/** Evicted pods stay, by the thousand: they are not what a suite waits for. */
async function withoutEnded(session: KubeSession, ask: Ask, labelSelector: string, limit: number) {
  const { namespace, apis } = session;
  const fieldSelector = 'status.phase!=Failed,status.phase!=Succeeded';
  const list = { namespace, limit, labelSelector, fieldSelector };
  return ask<V1PodList>('list pods that have not ended', (o) => apis.core.listNamespacedPod(list, o));
}

function isPartial(list: { metadata?: { _continue?: string } } | undefined): boolean {
  return Boolean(list?.metadata?._continue);
}

async function nodesOf(session: KubeSession, ask: Ask, { nodes, more }: SeenNodes, pods: Evidence['pods']) {
  const asked = more ? await nodesThatMatter(session, ask, pods, nodes) : [];
  const own = new Set(pods.map(({ node }) => node));
  const others = nodes.filter(({ name }) => !own.has(name));
  return telling([...asked, ...nodes.filter(({ name }) => own.has(name)), ...others]);
}

/** At most 50: those that may explain something, and those of the pods, first. */
function telling(nodes: readonly Evidence['nodes'][number][]): Evidence['nodes'] {
  return nodes.toSorted((a, b) => Number(isSound(a)) - Number(isSound(b))).slice(0, most);
}

function isSound({ ready, unschedulable }: Evidence['nodes'][number]): boolean {
  return ready && !unschedulable;
}

/** A pod on a node whose kubelet may be silent. */
function suspectPod(pods: Evidence['pods'], nodes: Evidence['nodes']): string | undefined {
  const notReady = new Set(nodes.filter(({ ready }) => !ready).map(({ name }) => name));
  const placed = pods.filter(({ node }) => node);
  const mute = placed.filter(
    (pod) => notReady.has(pod.node ?? '') || pod.deletedAt || (pod.containers.length === 0 && !isReady(pod)),
  );
  return (mute.find((pod) => notReady.has(pod.node ?? '')) ?? mute[0])?.name;
}

async function lastWords(session: KubeSession, ask: Ask, name: string): Promise<Evidence['logs']> {
  const { namespace, apis } = session;
  const text = await ask(`read log of pod/${name}`, (o) =>
    apis.core.readNamespacedPodLog({ name, namespace, container: containerName, tailLines: logLines }, o),
  );
  // A log without lines is read as '' or as nothing at all; a read that failed is among the failures.
  const failed = session.calls.failures.some(({ request }) => request === `read log of pod/${name}`);
  if (failed) return [];
  const lines = (text ?? '').split('\n').filter(Boolean);
  return [{ pod: name, lines: lines.slice(-logLines).map((line) => line.slice(0, 1000)) }];
}

async function ofNamespace(session: KubeSession, ask: Ask) {
  const { namespace, apis } = session;
  const [{ nodes: all }, found] = await Promise.all([
    firstNodes(session, ask),
    ask('get namespace', (o) => apis.core.readNamespace({ name: namespace }, o)),
  ]);
  const nodes = telling(all);
  if (!found) return { nodes };
  return {
    nodes,
    namespace: {
      name: namespace,
      phase: found.status?.phase ?? '',
      conditions: conditionViews(found.status?.conditions),
      deletedAt: instant(found.metadata?.deletionTimestamp),
    },
  };
}
