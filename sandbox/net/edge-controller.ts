/** The controller of Ingresses and of the Gateway API: what they lead to, and the statuses that say so. */
import type { Cluster } from '../cluster.ts';
import { setCondition } from '../controllers/conditions.ts';
import { atKey, createQueue, keyOf } from '../controllers/queue.ts';
import { controllerName } from '../kinds/gateway.ts';
import { className } from '../kinds/ingress.ts';
import type { Condition } from '../store/objects.ts';
import { edgeAddress } from './addresses.ts';
import { type EdgeRoute, ofHttpRoute, ofIngress } from './edge-routes.ts';

const kinds = ['ingresses', 'gateways', 'httproutes'] as const;

/** Returns the routes as they are served now. */
export function startEdgeController(cluster: Cluster): () => readonly EdgeRoute[] {
  const { store, faults, now, timing } = cluster;
  const routes = new Map<string, readonly EdgeRoute[]>();

  const serve = (key: string, wanted: readonly EdgeRoute[] | undefined): void => {
    if (faults.on('ingress-stale')) return;
    if (wanted) routes.set(key, wanted);
    else routes.delete(key);
  };

  const conditions = (...types: readonly string[]) =>
    types.reduce<Condition[] | undefined>((all, type) => {
      const condition = { type, status: 'True', reason: type, message: '' } as const;
      return setCondition(all, condition, now());
    }, undefined) as Condition[];

  const reconcile = {
    ingresses(key: string, name: string, namespace: string) {
      const made = store.get('ingresses', name, namespace);
      const isOurs = made?.spec.ingressClassName === className && !made.metadata.deletionTimestamp;
      serve(key, isOurs ? ofIngress(made) : undefined);
      if (!isOurs || made.status.loadBalancer?.ingress) return;
      store.change('ingresses', made.metadata, ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: edgeAddress }] };
      });
    },
    gateways(_: string, name: string, namespace: string) {
      const made = store.get('gateways', name, namespace);
      if (made?.spec.gatewayClassName !== className || made.status.addresses) return;
      store.change('gateways', made.metadata, ({ status }) => {
        status.addresses = [{ type: 'IPAddress', value: edgeAddress }];
        status.conditions = conditions('Accepted', 'Programmed');
      });
    },
    httproutes(key: string, name: string, namespace: string) {
      const made = store.get('httproutes', name, namespace);
      const parentRef = made?.spec.parentRefs?.find(
        (parent) =>
          store.get('gateways', parent.name, parent.namespace ?? namespace)?.spec.gatewayClassName === className,
      );
      const isOurs = made && parentRef && !made.metadata.deletionTimestamp;
      serve(key, isOurs ? ofHttpRoute(made) : undefined);
      if (!isOurs || made.status.parents) return;
      store.change('httproutes', made.metadata, ({ status }) => {
        status.parents = [{ parentRef, controllerName, conditions: conditions('Accepted', 'ResolvedRefs') }];
      });
    },
  };

  const follow = createQueue(
    cluster,
    (key) => {
      if (faults.on('ingress-controller-down')) return;
      const [plural = '', rest = ''] = key.split(' ');
      const { namespace, name } = atKey(rest);
      reconcile[plural as (typeof kinds)[number]](key, name, namespace);
    },
    timing.proxySyncMs,
  );
  store.subscribe(({ plural, object }) => {
    const kind = kinds.find((one) => one === plural);
    if (kind) follow.add(`${kind} ${keyOf(object)}`);
  });
  // What changed meanwhile is seen once it looks again.
  faults.onChange((fault) => {
    if (fault !== 'ingress-stale' && fault !== 'ingress-controller-down') return;
    const there = kinds.flatMap((kind) => store.list(kind).map((one) => `${kind} ${keyOf(one)}`));
    for (const key of new Set([...routes.keys(), ...there])) follow.add(key);
  });
  return () => [...routes.values()].flat();
}
