/** A Gateway that stands, or the shared one that GATEWAY names: whether its controller has programmed it, and where it is reached. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ObjectView } from '../../model/evidence.ts';
import type { Resource } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { Look } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { objectKind, toKeep } from './kind.ts';
import { managed } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { conditionViews } from './views.ts';

export const gatewayGroup = 'gateway.networking.k8s.io';
const apiVersion = `${gatewayGroup}/v1`;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface GatewayClass extends KubernetesObject {
  readonly spec?: { readonly controllerName?: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string;
}

interface Gateway extends KubernetesObject {
  readonly spec?: { readonly gatewayClassName?: string; readonly listeners?: readonly Listener[] };
  readonly status?: {
    readonly addresses?: readonly { readonly value: string }[];
    readonly conditions?: readonly Condition[];
  };
}

const classes: Served<GatewayClass> = { apiVersion, kind: 'GatewayClass', plural: 'gatewayclasses', scope: 'cluster' };
/** An own one may have to wait for a load balancer. */
const programmedShare = 2;

/** That of the run, for its evidence. */
const ofRun = new WeakMap<ClusterView, Gateway>();

const gateways = objectKind<Gateway>()({
  apiVersion,
  kind: 'Gateway',
  plural: 'gateways',
  grants: {
    // The shared one is in another namespace.
    keeps: toKeep(
      gatewayGroup,
      'gateways',
      { group: gatewayGroup, resource: 'gateways', verbs: ['list', 'watch'], scope: 'cluster' },
      { group: gatewayGroup, resource: 'gatewayclasses', verbs: ['list'], scope: 'cluster' },
    ),
  },
  quota: { [`count/gateways.${gatewayGroup}`]: '10' },
  async evidence(view, ask) {
    const seen = ofRun.get(view);
    if (!seen) return {};
    const listed = await ask('list gatewayclasses', (signal) => view.api.list(classes, {}, signal));
    const own = listed?.items.filter(({ metadata }) => metadata?.name === seen.spec?.gatewayClassName) ?? [];
    return { objects: [gatewayView(seen), ...own.map(classView)] };
  },
});

/** Where routes are attached, and asked for. */
export interface GatewayHandle {
  /** Waits until it is programmed and has an address: twice EVENT_TIMEOUT_SECONDS at most. Raises edge.no_address, k8s.prerequisite_missing. */
  isProgrammed(): Promise<void>;
  /** For parentRefs. */
  readonly parent: { readonly name: string; readonly namespace: string; readonly sectionName: string };
  /** Its addresses, with the port of its listener. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** A host that its listener takes: `name` below the listener's own, or below a name that nobody may register. */
  hostFor(name: string): string;
}

/** Of an accepted GatewayClass, with one listener, HTTP at port 80; named TEST_SERVICE. Or, where GATEWAY names one, that one, which is only looked at. */
function make(): Resource<GatewayHandle> {
  return managed((view) => {
    const { objects, namespace } = view;
    const object = new OwnedObject<Gateway>(view, gateways, objects.service);
    const ensure = async () => {
      if (objects.gateway) return new Standing(view, objects.gateway, await findShared(view, objects.gateway));
      const gatewayClassName = await acceptedClass(view);
      const labels = ourLabels(undefined, objects.labels);
      const listeners = [{ name: 'http', port: 80, protocol: 'HTTP' }];
      const place = { namespace, name: objects.service };
      const metadata = { ...place, labels };
      const applied = await object.apply({
        apiVersion,
        kind: 'Gateway',
        metadata,
        spec: { gatewayClassName, listeners },
      });
      return new Standing(view, place, applied);
    };
    return { object, create: ensure, ensure };
  });
}

export const gateway = Object.assign(make, { kind: gateways });

class Standing implements GatewayHandle {
  readonly #view: ClusterView;
  readonly #place: { readonly namespace: string; readonly name: string };
  #latest: Gateway;

  constructor(view: ClusterView, place: { readonly namespace: string; readonly name: string }, found: Gateway) {
    this.#view = view;
    this.#place = place;
    this.#latest = found;
    ofRun.set(view, found);
  }

  async isProgrammed(): Promise<void> {
    const view = this.#view;
    const { namespace, name } = this.#place;
    const look = (): Look<void> => {
      const why = whyNotProgrammed(this.#latest);
      return why === undefined ? { done: true, value: undefined } : { done: false, why };
    };
    if (!look().done) {
      view.patience.begin(Number.POSITIVE_INFINITY, programmedShare);
      const fieldSelector = `metadata.name=${name}`;
      const watched = view.watch<Gateway>({ what: `gateway/${name}`, kind: gateways, namespace, fieldSelector });
      const version = this.#latest.metadata?.resourceVersion;
      await watched.start(version ? { items: [this.#latest], resourceVersion: version } : undefined);
      await view.wait(
        watched,
        ([seen]) => {
          if (seen) this.#latest = seen;
          ofRun.set(view, this.#latest);
          return look();
        },
        (why, _, afterMs) => ({
          code: 'edge.no_address',
          message: `gateway/${name} of class ${this.#latest.spec?.gatewayClassName}: after ${seconds(afterMs)} ${why}`,
          options: { object: { kind: 'gateway', name, namespace } },
        }),
      );
      watched.stop();
    }
    if (this.#listener) return;
    const message = `gateway/${name} in ${namespace} has no HTTP listener without a host or with one of a wildcard`;
    throw new Defect('k8s.prerequisite_missing', message, { object: { kind: 'gateway', name, namespace } });
  }

  get parent() {
    return { ...this.#place, sectionName: this.#listener?.name ?? '' };
  }

  get addresses() {
    const port = this.#listener?.port ?? 80;
    return (this.#latest.status?.addresses ?? []).map(({ value }) => ({ host: value, port }));
  }

  hostFor(name: string): string {
    return `${name}.${this.#listener?.hostname?.slice(2) ?? 'kube-e2etests.invalid'}`;
  }

  get #listener(): Listener | undefined {
    const open = ({ protocol, hostname }: Listener) => protocol === 'HTTP' && (!hostname || hostname.startsWith('*.'));
    return this.#latest.spec?.listeners?.find(open);
  }
}

async function findShared(
  view: ClusterView,
  { namespace, name }: { namespace: string; name: string },
): Promise<Gateway> {
  view.patience.begin();
  const query = { namespace, fieldSelector: `metadata.name=${name}` };
  const { items, metadata } = await view.call(`list gateway/${name}`, (signal) =>
    view.api.list(gateways, query, signal),
  );
  const [found] = items;
  if (!found)
    throw new Defect(
      'k8s.prerequisite_missing',
      `GATEWAY is ${namespace}/${name}, and the cluster has no such Gateway`,
    );
  const resourceVersion = metadata?.resourceVersion ?? found.metadata?.resourceVersion;
  return { ...found, metadata: { ...found.metadata, ...(resourceVersion && { resourceVersion }) } };
}

/** The first by its name. */
async function acceptedClass(view: ClusterView): Promise<string> {
  view.patience.begin();
  const { items } = await view.call('list gatewayclasses', (signal) => view.api.list(classes, {}, signal));
  const accepted = items.filter(({ status }) => isTrue(status?.conditions, 'Accepted'));
  const [first] = accepted.map(({ metadata }) => metadata?.name ?? '').sort();
  if (first) return first;
  throw new Defect('k8s.prerequisite_missing', `none of ${items.length} GatewayClasses is accepted any more`);
}

function whyNotProgrammed({ status, metadata }: Gateway): string | undefined {
  const { conditions, addresses = [] } = status ?? {};
  const programmed = conditions?.find(({ type }) => type === 'Programmed');
  if (!isTrue(conditions, 'Programmed'))
    return `it is not Programmed${programmed ? `: ${programmed.reason} ${programmed.message}` : `, and nobody says why`}`;
  if (addresses.length > 0) return undefined;
  return `it is Programmed, and its status has no address (generation ${metadata?.generation})`;
}

function isTrue(conditions: readonly Condition[] | undefined, wanted: string): boolean {
  return conditions?.some(({ type, status }) => type === wanted && status === 'True') ?? false;
}

function gatewayView({ metadata, spec, status }: Gateway): ObjectView {
  const addresses = (status?.addresses ?? []).map(({ value }) => value).join(', ') || '(none)';
  const state = `class ${spec?.gatewayClassName}, address ${addresses}`;
  return {
    kind: 'gateway',
    name: metadata?.name ?? '',
    state,
    conditions: conditionViews(status?.conditions as never),
  };
}

function classView({ metadata, spec }: GatewayClass): ObjectView {
  return {
    kind: 'gatewayclass',
    name: metadata?.name ?? '',
    state: `controller ${spec?.controllerName}`,
    conditions: [],
  };
}
