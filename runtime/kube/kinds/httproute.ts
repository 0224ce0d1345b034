/** An HTTPRoute in front of the test service, attached to a Gateway, which serves its host. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { HttpTarget } from '../../model/probing.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Look } from '../client/watched.ts';
import { change } from './change.ts';
import type { ClusterView } from './cluster-view.ts';
import { backendViews, portsOf } from './edge-backend.ts';
import { type Condition, type GatewayHandle, gatewayGroup } from './gateway.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { servicePort } from './service.ts';
import { podPort, secondPort } from './test-objects.ts';

const apiVersion = `${gatewayGroup}/v1`;

interface HttpRoute extends KubernetesObject {
  readonly spec?: object;
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly Condition[] }[] };
}

const routes = objectKind<HttpRoute>()({
  apiVersion,
  kind: 'HTTPRoute',
  plural: 'httproutes',
  grants: {
    makes: toMake(gatewayGroup, 'httproutes', { group: '', resource: 'services', verbs: ['list'] }),
    besides: { update: [{ group: gatewayGroup, resource: 'httproutes', verbs: ['patch'] }] },
  },
  quota: { [`count/httproutes.${gatewayGroup}`]: '10' },
  // Of the pods behind it: the gateway asks them.
  ports: [podPort, secondPort],
  evidence: async (view, ask) => ({ objects: await backendViews(view, ask) }),
});

export interface HttpRouteHandle {
  /** Waits until its Gateway has accepted it and found its service. Raises edge.not_accepted; k8s.prerequisite_missing where the Gateway does not admit it. */
  isAccepted(): Promise<void>;
  /** Its host, asked for at each address of its Gateway. */
  targets(): readonly HttpTarget[];
  /** PATCH: it leads to the second port of the service. Begins a wait. Raises api.*. */
  leadToSecond(): Promise<void>;
  /** DELETE. Begins a wait. Raises api.*. */
  delete(): Promise<void>;
  /** Resolves when it is gone. Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/** For a host of this run alone, attached to that Gateway; named TEST_SERVICE. */
function make({ gateway }: { gateway: GatewayHandle }): Creatable<HttpRouteHandle> {
  return made((view) => {
    const { objects, namespace, scope } = view;
    const object = new OwnedObject<HttpRoute>(view, routes, objects.service);
    const host = gateway.hostFor(scope.id);
    const leadingTo = (port: number) =>
      portsOf(port).map(([value, port]) => ({
        matches: [{ path: { type: 'PathPrefix', value } }],
        backendRefs: [{ name: objects.service, port }],
      }));
    const handle: HttpRouteHandle = {
      isAccepted: () => isAccepted(view, object),
      targets: () =>
        gateway.addresses.map((at) => ({
          ...at,
          resource: 'httproute',
          object: object.ref,
          named: host,
        })),
      leadToSecond: () => change(object, { spec: { rules: leadingTo(secondPort) } }),
      delete: () => object.delete(),
      isGone: () => object.isGone(),
    };
    return {
      object,
      create: async () => {
        await object.create({
          apiVersion,
          kind: 'HTTPRoute',
          metadata: { name: objects.service, namespace, labels: ourLabels(scope.id, objects.labels) },
          spec: { parentRefs: [gateway.parent], hostnames: [host], rules: leadingTo(servicePort) },
        });
        return handle;
      },
    };
  });
}

export const httpRoute = Object.assign(make, { kind: routes });

/** Reasons that say of the Gateway whom it admits. Source: sigs.k8s.io/gateway-api/apis/v1, RouteConditionReason. */
const notAdmitted = new Set(['NotAllowedByListeners', 'NoMatchingListenerHostname', 'NoMatchingParent']);

async function isAccepted(view: ClusterView, object: OwnedObject<HttpRoute>): Promise<void> {
  const watched = await object.watch(object.latest);
  const conditionsOf = (seen: HttpRoute | undefined) =>
    seen?.status?.parents?.flatMap(({ conditions = [] }) => conditions);
  await view.wait(
    watched,
    ([seen]): Look<void> => {
      const conditions = conditionsOf(seen);
      // A Gateway that says nothing of the service has nothing against it.
      const lacking = ['Accepted', 'ResolvedRefs'].flatMap((type) => {
        const said = conditions?.find((condition) => condition.type === type);
        return said?.status === 'True' || (!said && type !== 'Accepted') ? [] : [said ?? { type, status: 'Unknown' }];
      });
      if (lacking.length === 0) return { done: true, value: undefined };
      return { done: false, why: lacking.map((one) => `not ${one.type}: ${wordsOf(one)}`).join(', ') };
    },
    (why, [seen], afterMs) => {
      const isOurs = conditionsOf(seen)?.some(
        ({ status, reason }) => status === 'False' && notAdmitted.has(reason ?? ''),
      );
      return {
        code: isOurs ? 'k8s.prerequisite_missing' : 'edge.not_accepted',
        message: `${object.title}: after ${seconds(afterMs)} ${why}`,
        options: { object: object.ref },
      };
    },
  );
  watched.stop();
}

function wordsOf({ reason, message }: Condition): string {
  return [reason, message].filter(Boolean).join(' ') || 'nobody says why';
}
