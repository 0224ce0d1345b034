import type { Evidence, ProbeView } from '../model.ts';
import type { CallOptions } from './calls.ts';
import { readEndpoints } from './endpoints.ts';
import { isReady } from './pod-conditions.ts';
import type { KubeSession } from './session.ts';
import { containerName, selectorOf } from './test-objects.ts';
import { conditionViews, deploymentView, eventView, instant, nodeView, podView, replicaSetView } from './views.ts';

const limitMs = 5_000;
/** Before the whole is over, so that a request without an answer is told as one. */
const answerMs = 4_500;
const most = 50;
const mostNodes = 500;
/** What every healthy pod brings; a kept namespace is full of it. */
const noise = ['Scheduled', 'Created', 'Started'].map((reason) => `reason!=${reason}`).join(',');
const logLines = 5;

/** Sends one request, once, and has undefined for a failure, which the calls keep. */
type Ask = <T>(request: string, attempt: (options: CallOptions) => Promise<T>) => Promise<T | undefined>;

/**
 * What the objects show now: at most six requests of one attempt each, at most 5 s. Five LISTs side by side, and then
 * the one that tells more: a pod's log from a node that does not do its work, since the answer tells a kubelet that is
 * down from a network that is cut; else the service's endpoints.
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
  const listNodes = async () => {
    const nodes = await ask('list nodes', (o) => session.apis.core.listNode({ limit: mostNodes }, o));
    const views = (nodes?.items ?? []).map((node) => nodeView(node, session.objects.antiAffinityKey));
    // Of a large cluster those that may explain something.
    return views.sort((a, b) => Number(isSound(a)) - Number(isSound(b))).slice(0, most);
  };
  const nothing = { replicaSets: [], pods: [], nodes: [], events: [], logs: [] };
  const seen = session.needsNamespace
    ? await inNamespace(session, ask, listNodes)
    : await ofNamespace(session, ask, listNodes);
  const at = new Date().toISOString();
  return { at, ...nothing, ...seen, probes: [...probes], api: [...session.calls.failures] };
}

async function inNamespace(session: KubeSession, ask: Ask, listNodes: () => Promise<Evidence['nodes']>) {
  const { apis, namespace } = session;
  const labelSelector = Object.entries(selectorOf(session.objects))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const list = { namespace, limit: most };
  const [nodes, deployments, replicaSets, podList, events] = await Promise.all([
    listNodes(),
    ask('list deployments', (o) => apis.apps.listNamespacedDeployment(list, o)),
    ask('list replicasets', (o) => apis.apps.listNamespacedReplicaSet({ ...list, labelSelector }, o)),
    ask('list pods', (o) => apis.core.listNamespacedPod({ ...list, labelSelector }, o)),
    ask('list events', (o) => apis.core.listNamespacedEvent({ namespace, fieldSelector: noise, limit: 500 }, o)),
  ]);
  const deployment = deployments?.items.find((item) => item.metadata?.name === session.objects.deployment);
  const pods = (podList?.items ?? []).map(podView);
  const seen = {
    ...(deployment && { deployment: deploymentView(deployment) }),
    nodes,
    pods,
    replicaSets: (replicaSets?.items ?? []).map(replicaSetView),
    events: (events?.items ?? [])
      .map(eventView)
      .sort((a, b) => b.lastSeen.localeCompare(a.lastSeen))
      .slice(0, most),
  };
  const suspect = suspectPod(pods, nodes);
  if (suspect) return { ...seen, logs: await lastWords(session, ask, suspect) };
  if (session.serviceUid === undefined) return seen;
  // Every version serves Endpoints; slices only where that is known without a request.
  const sliced = session.knowsSlices ?? false;
  const endpoints = await ask('list endpoints', (o) => readEndpoints(session, sliced, o));
  return { ...seen, ...(endpoints && { endpoints }) };
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

async function ofNamespace(session: KubeSession, ask: Ask, listNodes: () => Promise<Evidence['nodes']>) {
  const { namespace, apis } = session;
  const [nodes, found] = await Promise.all([
    listNodes(),
    ask('get namespace', (o) => apis.core.readNamespace({ name: namespace }, o)),
  ]);
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
