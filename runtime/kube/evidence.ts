import type { Evidence, ProbeView } from '../model.ts';
import type { CallOptions } from './calls.ts';
import { readEndpoints } from './endpoints.ts';
import type { KubeSession } from './session.ts';
import { selectorOf } from './test-objects.ts';
import { conditionViews, deploymentView, eventView, instant, nodeView, podView, replicaSetView } from './views.ts';

const limitMs = 5_000;
const most = 50;
const newestEvents = 20;

/** What the objects show now: at most six LISTs side by side, one attempt each, at most 5 s. What fails is left out. */
export async function gatherEvidence(session: KubeSession, probes: readonly ProbeView[]): Promise<Evidence> {
  const { apis, namespace } = session;
  // Not the run's signal: evidence is gathered after a deadline too.
  const signal = AbortSignal.timeout(limitMs);
  const ask = async <T>(request: string, attempt: (options: CallOptions) => Promise<T>): Promise<T | undefined> => {
    try {
      return await session.calls.send(request, { signal, budgetMs: limitMs, once: true }, attempt);
    } catch {
      return undefined;
    }
  };
  const list = { namespace, limit: most };
  const [nodes, place] = await Promise.all([
    ask('list nodes', (o) => apis.core.listNode({ limit: most }, o)),
    session.needsNamespace ? inNamespace() : ofNamespace(),
  ]);
  return {
    at: new Date().toISOString(),
    replicaSets: [],
    pods: [],
    events: [],
    logs: [],
    ...place,
    nodes: (nodes?.items ?? []).map((node) => nodeView(node, session.objects.antiAffinityKey)),
    probes,
    api: session.calls.failures,
  };

  async function inNamespace() {
    const selector = Object.entries(selectorOf(session.objects))
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const sliced = await session.servesSlices().catch(() => undefined);
    const [deployments, replicaSets, pods, events, endpoints] = await Promise.all([
      ask('list deployments', (o) => apis.apps.listNamespacedDeployment(list, o)),
      ask('list replicasets', (o) => apis.apps.listNamespacedReplicaSet({ ...list, labelSelector: selector }, o)),
      ask('list pods', (o) => apis.core.listNamespacedPod({ ...list, labelSelector: selector }, o)),
      ask('list events', (o) => apis.core.listNamespacedEvent({ namespace, limit: 500 }, o)),
      sliced === undefined ? undefined : ask('list endpoints', (o) => readEndpoints(session, sliced, o)),
    ]);
    const deployment = deployments?.items.find((item) => item.metadata?.name === session.objects.deployment);
    return {
      ...(deployment && { deployment: deploymentView(deployment) }),
      replicaSets: (replicaSets?.items ?? []).map(replicaSetView),
      pods: (pods?.items ?? []).map(podView),
      events: (events?.items ?? [])
        .map(eventView)
        .sort((a, b) => b.lastSeen.localeCompare(a.lastSeen))
        .slice(0, newestEvents),
      ...(endpoints && { endpoints }),
    };
  }

  async function ofNamespace() {
    const found = await ask('get namespace', (o) => apis.core.readNamespace({ name: namespace }, o));
    if (!found) return {};
    return {
      namespace: {
        name: namespace,
        phase: found.status?.phase ?? '',
        conditions: conditionViews(found.status?.conditions),
        deletedAt: instant(found.metadata?.deletionTimestamp),
      },
    };
  }
}
