/**
 * What starts suites on Knative, and how far a start has come, read in the product's own namespace: PingSources, Services, and the deployment, replica sets,
 * pods and events behind them. One attempt a request, 5 s at most; what cannot be read is left out and named.
 */
import type { Evidence } from '../../model/evidence.ts';
import { failureOf } from '../client/errors.ts';
import type { ObjectClient, Served } from '../client/served.ts';
import { events as eventKind } from '../kinds/core-event.ts';
import { deployments as deploymentKind, replicaSets as replicaSetKind } from '../kinds/deployment.ts';
import { isPartial, pods as podKind } from '../kinds/pod.ts';
import { deploymentView, eventView, podView, replicaSetView } from '../kinds/views.ts';

/** One suite that a PingSource starts. */
export interface PlannedStart {
  readonly suite: string;
  /** The Knative Service that runs it. */
  readonly service: string;
  readonly source: string;
  readonly schedule: string;
  readonly timeZone?: string;
  /** Why the PingSource is not ready; undefined where it is, or has not said. */
  readonly notReady?: string;
}

export interface StartView {
  /** Why the Service is not ready; undefined where it is. */
  readonly notReady?: string;
  /** Pods that Knative's autoscaler wants now. */
  readonly wanted: number;
  readonly evidence: Evidence;
}

export interface StartReader {
  plan(): Promise<readonly PlannedStart[]>;
  look(service: string): Promise<StartView>;
}

interface Parts {
  readonly api: ObjectClient;
  readonly namespace: string;
}

interface KnativeObject {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly schedule?: string;
    readonly timezone?: string;
    readonly sink?: { readonly ref?: { readonly name?: string }; readonly uri?: string };
  };
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
}

const limitMs = 5_000;
const most = 50;
const mostEvents = 1_000;

const sources: Served<KnativeObject> = {
  apiVersion: 'sources.knative.dev/v1',
  kind: 'PingSource',
  plural: 'pingsources',
};
const services: Served<KnativeObject> = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', plural: 'services' };

export function createStartReader({ api, namespace }: Parts): StartReader {
  const limit = () => AbortSignal.timeout(limitMs);
  return {
    async plan() {
      const { items } = await api.list(sources, { namespace }, limit());
      return items.flatMap((source) => plannedBy(source) ?? []);
    },
    async look(service) {
      const labelSelector = `serving.knative.dev/service=${service}`;
      const failures: { request: string; status: number | 'no answer'; message: string }[] = [];
      const ask = async <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>) => {
        try {
          return await attempt(limit());
        } catch (error) {
          const { status = 'no answer', message } = failureOf(error);
          failures.push({ request, status, message });
          return undefined;
        }
      };
      const place = { namespace, name: service };
      const selected = { namespace, labelSelector, limit: most };
      const events = (fieldSelector: string) =>
        ask('list events', (o) => api.list(eventKind, { namespace, fieldSelector, limit: mostEvents }, o));
      const [wanted, deployments, replicaSets, pods, warnings, starts] = await Promise.all([
        ask('get service', (o) => api.get(services, place, o)),
        ask('list deployments', (o) => api.list(deploymentKind, selected, o)),
        ask('list replicasets', (o) => api.list(replicaSetKind, selected, o)),
        ask('list pods', (o) => api.list(podKind, selected, o)),
        events('type=Warning'),
        events('reason=Started'),
      ]);
      // Of several revisions the one that is scaled up is the one that is asked to serve.
      const active = (deployments?.items ?? []).toSorted(
        (a, b) => (b.spec?.replicas ?? 0) - (a.spec?.replicas ?? 0),
      )[0];
      const isOfService = ({ involvedObject: { name = '' } }: { involvedObject: { name?: string } }) =>
        name.startsWith(`${service}-0`) || name === service;
      return {
        notReady: notReadyOf(wanted),
        wanted: active?.spec?.replicas ?? 0,
        evidence: {
          at: new Date().toISOString(),
          ...(active && { deployment: deploymentView(active) }),
          replicaSets: (replicaSets?.items ?? []).map(replicaSetView),
          pods: (pods?.items ?? []).map(podView),
          nodes: [],
          ...([warnings, starts].some(isPartial) && { partial: ['list events'] }),
          events: [...(warnings?.items ?? []), ...(starts?.items ?? [])].filter(isOfService).map(eventView),
          probes: [],
          logs: [],
          api: failures,
        },
      };
    },
  };
}

/** PingSources of others, or to another path, plan no suite. */
function plannedBy(source: KnativeObject): PlannedStart | undefined {
  const { schedule, timezone, sink } = source.spec ?? {};
  const suite = /^\/run\/([A-Za-z0-9_]+)$/.exec(sink?.uri ?? '')?.[1];
  const service = sink?.ref?.name;
  if (!suite || !service || !schedule) return undefined;
  const notReady = notReadyOf(source);
  return {
    suite,
    service,
    source: source.metadata?.name ?? '',
    schedule,
    ...(timezone && { timeZone: timezone }),
    ...(notReady && { notReady }),
  };
}

function notReadyOf(object: KnativeObject | undefined): string | undefined {
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False') return undefined;
  return [ready.reason, ready.message].filter(Boolean).join(': ') || 'not Ready';
}
