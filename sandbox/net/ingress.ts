/** The ingress controller: one address at which each host of an Ingress leads to the ready pods of its service. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Cluster } from '../cluster.ts';
import { atKey, createQueue, keyOf } from '../controllers/queue.ts';
import { className, type Ingress } from '../kinds/ingress.ts';
import { ingressAddress } from './addresses.ts';
import type { Network } from './network.ts';
import { listen } from './proxy.ts';
import { slicesOf } from './service-proxy.ts';

const port = 80;

interface Route {
  readonly host: string | undefined;
  readonly path: string;
  readonly isExact: boolean;
  readonly namespace: string;
  readonly service: string;
  readonly port: { number?: number; name?: string };
}

export async function startIngressController(cluster: Cluster, network: Network): Promise<{ close(): void }> {
  const { store, faults, timing } = cluster;
  const routes = new Map<string, readonly Route[]>();
  let turn = 0;

  const follow = createQueue(
    cluster,
    (key) => {
      if (faults.on('ingress-controller-down')) return;
      const { namespace, name } = atKey(key);
      const made = store.get('ingresses', name, namespace);
      const isOurs = made?.spec.ingressClassName === className && !made.metadata.deletionTimestamp;
      if (!faults.on('ingress-stale')) {
        if (isOurs) routes.set(key, routesOf(made));
        else routes.delete(key);
      }
      if (!isOurs || made.status.loadBalancer?.ingress) return;
      store.change('ingresses', made.metadata, ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: ingressAddress }] };
      });
    },
    timing.proxySyncMs,
  );
  store.subscribe(({ plural, object }) => {
    if (plural === 'ingresses') follow.add(keyOf(object));
  });

  const backendOf = ({ namespace, service: name, port: wanted }: Route): { ip: string; port: number } | undefined => {
    const ports = store.get('services', name, namespace)?.spec.ports ?? [];
    const named = ports.find((one) => (wanted.name ? one.name === wanted.name : one.port === wanted.number));
    const all = slicesOf(cluster, namespace, name).flatMap((slice) => {
      const target = slice.ports?.find((one) => one.name === (named?.name ?? ''));
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions.ready);
      return target ? ready.map(({ addresses: [ip = ''] }) => ({ ip, port: target.port })) : [];
    });
    return named && all[turn++ % all.length];
  };

  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    incoming.resume();
    const say = (status: number, words: string) => response.writeHead(status, { Server: 'sandbox' }).end(`${words}\n`);
    const route = routeFor([...routes.values()].flat(), incoming);
    if (!route) return void say(404, 'no route');
    const backend = backendOf(route);
    if (!backend) return void say(503, 'no endpoints');
    const dial = network.dial(backend.ip, backend.port);
    if (dial.kind !== 'port') return void say(502, 'no connection');
    const { method, url: path, headers } = incoming;
    const options = { host: '127.0.0.1', port: dial.port, method, path, headers, agent: false } as const;
    const upstream = forward(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, server: 'sandbox' });
      answer.pipe(response);
    });
    upstream.on('error', () => say(502, 'no connection'));
    upstream.end();
  };

  const server = createServer(pass);
  const local = await listen(server);
  const open = () => {
    network.withdraw(ingressAddress);
    const down = faults.options('ingress-down');
    if (down?.mode === 'timeout') return;
    network.attach(ingressAddress);
    if (!down) network.expose(ingressAddress, port, local);
  };
  open();
  // What changed meanwhile is seen once it looks again.
  faults.onChange((name) => {
    if (name === 'ingress-down') open();
    if (name !== 'ingress-stale' && name !== 'ingress-controller-down') return;
    for (const key of new Set([...routes.keys(), ...store.list('ingresses').map(keyOf)])) follow.add(key);
  });
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function routesOf({ metadata: { namespace = '' }, spec }: Ingress): readonly Route[] {
  return (spec.rules ?? []).flatMap(({ host, http }) =>
    (http?.paths ?? []).flatMap(({ path = '/', pathType, backend: { service } }) =>
      service
        ? [{ host, path, isExact: pathType === 'Exact', namespace, service: service.name, port: service.port }]
        : [],
    ),
  );
}

/** Of those that fit the one with the longest path. */
function routeFor(routes: readonly Route[], { headers, url = '/' }: IncomingMessage): Route | undefined {
  const host = headers.host?.replace(/:\d+$/, '').toLowerCase();
  const path = url.replace(/\?.*$/, '');
  const fits = (route: Route) => {
    if (route.host !== undefined && route.host !== host) return false;
    const folder = route.path.replace(/\/$/, '');
    return route.isExact ? path === route.path : path === folder || path.startsWith(`${folder}/`);
  };
  return routes.filter(fits).toSorted((a, b) => b.path.length - a.path.length)[0];
}
