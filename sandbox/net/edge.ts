/** What serves Ingresses and HTTPRoutes to the world: one address, at which each host leads to the ready pods of its service. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Cluster } from '../cluster.ts';
import { edgeAddress } from './addresses.ts';
import { startEdgeController } from './edge-controller.ts';
import { type EdgeRoute, routeFor } from './edge-routes.ts';
import type { Network } from './network.ts';
import { slicesOf } from './service-proxy.ts';
import { listen } from './web-server.ts';

const port = 80;

export async function startEdge(cluster: Cluster, network: Network): Promise<{ close(): void }> {
  const { store, faults } = cluster;
  const routes = startEdgeController(cluster);
  let turn = 0;

  const backendOf = ({ namespace, service: name, port: wanted }: EdgeRoute) => {
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
    const route = routeFor(routes(), incoming);
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
    upstream.on('error', () => (response.headersSent ? response.destroy() : say(502, 'no connection')));
    upstream.end();
  };

  const server = createServer(pass);
  const local = await listen(server);
  const open = () => {
    network.withdraw(edgeAddress);
    const down = faults.options('ingress-down');
    if (down?.mode === 'timeout') return;
    network.attach(edgeAddress);
    if (!down) network.expose(edgeAddress, port, local);
  };
  open();
  faults.onChange((name) => {
    if (name === 'ingress-down') open();
  });
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
