/** An Ingress in front of the test service: its controller gives it an address, and serves its host there. */
import type { V1HTTPIngressRuleValue, V1Ingress, V1IngressClass } from '@kubernetes/client-node';
import type { ObjectView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { Look } from '../client/watched.ts';
import { change } from './change.ts';
import type { ClusterView } from './cluster-view.ts';
import { backendViews, portsOf } from './edge-backend.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { servicePort } from './service.ts';
import { podPort, secondPort } from './test-objects.ts';

const group = 'networking.k8s.io';
const classes: Served<V1IngressClass> = {
  apiVersion: `${group}/v1`,
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'cluster',
};
/** Of those that write statuses once a minute only. */
const addressShare = 2;

/** That of the run, for its evidence. */
const ofRun = new WeakMap<ClusterView, OwnedObject<V1Ingress>>();

const ingresses = objectKind<V1Ingress>()({
  apiVersion: `${group}/v1`,
  kind: 'Ingress',
  plural: 'ingresses',
  grants: {
    makes: toMake(
      group,
      'ingresses',
      { group, resource: 'ingressclasses', verbs: ['list'], scope: 'cluster' },
      { group: '', resource: 'services', verbs: ['list'] },
    ),
    besides: { update: [{ group, resource: 'ingresses', verbs: ['patch'] }] },
  },
  quota: { [`count/ingresses.${group}`]: '10' },
  // Of the pods behind it: whoever serves it asks them.
  ports: [podPort, secondPort],
  async evidence(view, ask) {
    const made = ofRun.get(view)?.latest;
    if (!made) return {};
    const [listed, backend] = await Promise.all([
      ask('list ingressclasses', (signal) => view.api.list(classes, {}, signal)),
      backendViews(view, ask),
    ]);
    const own = listed?.items.filter(({ metadata }) => metadata?.name === made.spec?.ingressClassName) ?? [];
    return { objects: [ingressView(made), ...own.map(classView), ...backend] };
  },
});

export interface IngressHandle {
  /** Waits, twice EVENT_TIMEOUT_SECONDS at most, until its status has an address. Raises edge.no_address. */
  hasAddress(): Promise<void>;
  /** Its host, asked for at each address of its status, port 80. */
  targets(): readonly HttpTarget[];
  /** PATCH: it leads to the second port of the service. Begins a wait. Raises api.*. */
  leadToSecond(): Promise<void>;
  /** DELETE. Begins a wait. Raises api.*. */
  delete(): Promise<void>;
  /** Resolves when it is gone. Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/** For a host of this run alone; named TEST_SERVICE, of INGRESS_CLASS or the cluster's default. */
function make(): Creatable<IngressHandle> {
  return made((view) => {
    const { objects, namespace, scope } = view;
    const object = new OwnedObject<V1Ingress>(view, ingresses, objects.service);
    // A name that nobody may register: whoever makes DNS records for hosts has no zone for it.
    const host = `${scope.id}.kube-e2etests.invalid`;
    const handle: IngressHandle = {
      hasAddress: () => hasAddress(view, object),
      targets: () =>
        addressesOf(object.latest).map((at) => ({
          resource: 'ingress',
          object: object.ref,
          host: at,
          port: 80,
          named: host,
        })),
      leadToSecond: () => change(object, { spec: { rules: [{ host, http: leadingTo(objects.service, secondPort) }] } }),
      delete: () => object.delete(),
      isGone: () => object.isGone(),
    };
    return {
      object,
      create: async () => {
        ofRun.set(view, object);
        await object.create({
          apiVersion: `${group}/v1`,
          kind: 'Ingress',
          metadata: { name: objects.service, namespace, labels: ourLabels(scope.id, objects.labels) },
          spec: {
            ...(objects.ingressClass && { ingressClassName: objects.ingressClass }),
            rules: [{ host, http: leadingTo(objects.service, servicePort) }],
          },
        });
        return handle;
      },
    };
  });
}

export const ingress = Object.assign(make, { kind: ingresses });

/** `number`: the port of the service. */
function leadingTo(name: string, number: number): V1HTTPIngressRuleValue {
  const paths = portsOf(number).map(([path, number]) => ({
    path,
    pathType: 'Prefix',
    backend: { service: { name, port: { number } } },
  }));
  return { paths };
}

async function hasAddress(view: ClusterView, object: OwnedObject<V1Ingress>): Promise<void> {
  view.patience.begin(Number.POSITIVE_INFINITY, addressShare);
  const watched = await object.watch(object.latest);
  await view.wait(
    watched,
    ([seen]): Look<void> => {
      if (seen?.metadata?.uid === object.uid) object.latest = seen;
      return addressesOf(object.latest).length > 0
        ? { done: true, value: undefined }
        : { done: false, why: 'its status has no address' };
    },
    (why, _, afterMs) => ({
      code: 'edge.no_address',
      message: `${object.title} of class ${object.latest?.spec?.ingressClassName ?? '(none)'}: after ${seconds(afterMs)} ${why}`,
      options: { object: object.ref },
    }),
  );
  watched.stop();
}

function addressesOf(made: V1Ingress | undefined): readonly string[] {
  return (made?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
}

function ingressView(made: V1Ingress): ObjectView {
  const state = `class ${made.spec?.ingressClassName ?? '(none)'}, address ${addressesOf(made).join(', ') || '(none)'}`;
  return { kind: 'ingress', name: made.metadata?.name ?? '', state, conditions: [] };
}

function classView({ metadata, spec }: V1IngressClass): ObjectView {
  return { kind: 'ingressclass', name: metadata?.name ?? '', state: `controller ${spec?.controller}`, conditions: [] };
}
