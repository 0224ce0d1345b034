/** The API server: HTTPS, one token, and the way of each request to its handler. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { badRequest, methodNotAllowed, noSuchResource, notImplemented, Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubelets } from '../controllers/kubelet.ts';
import { authorize, reviewAccess } from './access.ts';
import { remove, removeCollection } from './delete.ts';
import { discover } from './discovery.ts';
import { disturb } from './disturb.ts';
import { evict } from './eviction.ts';
import { logs } from './logs.ts';
import { openapi } from './openapi.ts';
import { openapiV2, openapiV2Type } from './openapi-v2.ts';
import { type Reply, readList, readOne } from './read.ts';
import { isOn, parseRequest, type ResourceRequest } from './request.ts';
import { scale } from './scale.ts';
import type { Identity } from './tls.ts';
import { watch } from './watch.ts';
import { create, patch, replace } from './write.ts';

export interface ApiServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface ApiServerOptions {
  readonly identity: Identity;
  /** Every request must bear it. */
  readonly token: string;
  readonly kubelets: Kubelets;
}

export async function startApiServer(
  cluster: Cluster,
  { identity, token, kubelets }: ApiServerOptions,
): Promise<ApiServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ key: identity.key, cert: identity.certificate }, (incoming, response) => {
    void serve(incoming, response);
  });
  server.keepAliveTimeout = 90_000;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    incoming.on('error', () => {});
    response.on('error', () => {});
    try {
      if (!(await disturb(cluster, incoming, response))) return;
      if (incoming.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
      const reply = await route(cluster, kubelets, incoming, response);
      if (reply) send(response, reply.code, reply.body, reply.type);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const refusal = error instanceof Refusal ? error : defect(error);
      send(response, refusal.code, refusal.status());
    }
  };

  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  /** Another process may have taken the port meanwhile: tried until it is free. */
  let returning = false;
  const comeBack = async (): Promise<void> => {
    if (returning || cluster.faults.on('api-down') || server.listening) return;
    returning = true;
    try {
      await listen(port);
    } catch (error) {
      cluster.failed(error);
      cluster.timers.after(cluster.timing.backOffMs, comeBack);
    } finally {
      returning = false;
    }
    if (cluster.faults.on('api-down')) void close();
  };
  // The fault api-down: nobody listens for a while.
  cluster.faults.onChange((name) => {
    if (name !== 'api-down') return;
    if (cluster.faults.on(name) && server.listening) void close();
    else void comeBack();
  });
  return { port, close };
}

async function route(
  cluster: Cluster,
  kubelets: Kubelets,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const url = URL.parse(`https://cluster${incoming.url}`) ?? refuse(badRequest(`invalid URL ${incoming.url}`));
  const path = url.pathname.replace(/(.)\/$/, '$1');
  if (['/healthz', '/livez', '/readyz'].includes(path)) {
    const checks = ['ping', 'etcd', 'informer-sync'].map((name) => `[+]${name} ok\n`).join('');
    const text = url.searchParams.has('verbose') ? `${checks}${path.slice(1)} check passed\n` : 'ok';
    return void response.writeHead(200).end(text);
  }
  if (path === '/openapi/v2') return void response.writeHead(200, { 'Content-Type': openapiV2Type }).end(openapiV2());
  const known = discover(incoming, path) ?? openapi(path);
  if (known) return known;
  if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' && incoming.method === 'POST') {
    return reviewAccess(cluster, { incoming });
  }
  const request = parseRequest(incoming, response, url);
  if (!request) return unknownPath(path, response);
  authorize(cluster, request);
  return handle(cluster, kubelets, request);
}

function handle(cluster: Cluster, kubelets: Kubelets, request: ResourceRequest): Reply | undefined | Promise<Reply> {
  const { method, name, subresource, query } = request;
  if (subresource === 'log') return method === 'GET' ? logs(cluster, kubelets, request) : refuse(methodNotAllowed());
  if (subresource === 'eviction') return method === 'POST' ? evict(cluster, request) : refuse(methodNotAllowed());
  if (subresource === 'scale') {
    return ['GET', 'PUT', 'PATCH'].includes(method) ? scale(cluster, request) : refuse(methodNotAllowed());
  }
  if (subresource === 'finalize') return refuse(notImplemented('the finalize subresource of namespaces'));
  if (method === 'GET') {
    if (isOn(query.get('watch'))) return watch(cluster, request);
    return name === undefined ? readList(cluster, request) : readOne(cluster, request);
  }
  if (name === undefined && method === 'POST') return create(cluster, request);
  if (name === undefined && method === 'DELETE' && request.resource.plural !== 'namespaces') {
    return removeCollection(cluster, request);
  }
  if (name !== undefined && method === 'PUT') return replace(cluster, request);
  if (name !== undefined && method === 'PATCH') return patch(cluster, request);
  if (name !== undefined && method === 'DELETE' && subresource === '') return remove(cluster, request);
  return refuse(methodNotAllowed());
}

function refuse(refusal: Refusal): never {
  throw refusal;
}

/** A real server answers text for a group it does not know, and a Status for a resource it does not know. */
function unknownPath(path: string, response: ServerResponse): undefined {
  if (path.startsWith('/api/')) throw noSuchResource();
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
}

/** A mistake of the sandbox's own: said, and not hidden behind a status of Kubernetes. */
function defect(error: unknown): Refusal {
  const words = error instanceof Error ? error.message : String(error);
  return new Refusal(500, 'InternalError', `Internal error occurred: defect of the sandbox: ${words}`, {
    causes: [{ reason: '', message: words }],
  });
}

function send(response: ServerResponse, code: number, body: object, type = 'application/json'): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
