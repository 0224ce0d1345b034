/** Between the product and the API server: keeps a list of what is asked, and hides things on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface ApiRequest {
  readonly verb: string;
  /** "apps/deployments/scale", "/pods": group, resource and subresource, as RBAC knows them. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly status: number;
}

export interface Recorder {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  /** Resources whose lists come empty and whose watches stay silent, such as "/pods". */
  hide(...resources: string[]): void;
  /** Every node is shown as not ready. */
  breakNodes(): void;
  /** Every registered API is shown as not available. */
  breakApis(): void;
  close(): void;
}

export interface Upstream {
  readonly server: string;
  readonly ca: string | Buffer;
  /** Who asks, where the requests themselves do not say so. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** `onRequest` sees each request once it is answered, before the answer goes on; an apply that made the object is a create besides. */
export async function startRecorder(upstream: Upstream, onRequest: (seen: ApiRequest) => void): Promise<Recorder> {
  const { ca, cert, key } = upstream;
  const agent = new Agent({ ca, cert, key, keepAlive: true });
  const requests: ApiRequest[] = [];
  const hidden = new Set<string>();
  const broken = new Map<string, (list: List) => List>();

  const keep = (seen: ApiRequest) => {
    requests.push(seen);
    onRequest(seen);
  };
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const asked = readRequest(incoming);
    const { method, headers, url = '/' } = incoming;
    const isHidden = asked !== undefined && hidden.has(asked.resource);
    const silent = isHidden && asked.verb === 'watch';
    const onward = request(new URL(url, upstream.server), { method, headers: plain(headers), agent }, (answer) => {
      const { statusCode: status = 502 } = answer;
      if (asked) keep({ ...asked, status });
      if (asked?.verb === 'patch' && status === 201) keep({ ...asked, verb: 'create', status });
      const change = isHidden ? withoutItems : broken.get(asked?.resource ?? '');
      if (asked?.verb === 'list' && change) return void rewrite(answer, outgoing, change);
      outgoing.writeHead(status, answer.headers);
      outgoing.flushHeaders();
      if (silent) answer.resume().on('end', () => outgoing.end());
      else answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  };

  const server = createServer(forward).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    hide: (...resources) => {
      hidden.clear();
      for (const resource of resources) hidden.add(resource);
    },
    breakNodes: () => void broken.set('/nodes', withBrokenNodes),
    breakApis: () => void broken.set('apiregistration.k8s.io/apiservices', withBrokenApis),
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

/** What RBAC makes of a request; undefined for discovery. Source: apiserver's RequestInfoFactory. */
function readRequest({ method = 'GET', url = '/' }: IncomingMessage): Omit<ApiRequest, 'status'> | undefined {
  const { pathname, searchParams } = new URL(url, 'http://any');
  const [root, ...parts] = pathname.split('/').filter(Boolean);
  const group = root === 'apis' ? (parts.shift() ?? '') : '';
  parts.shift();
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2;
  const namespace = inNamespace ? parts[1] : undefined;
  const [resource, named, subresource] = inNamespace ? parts.slice(2) : parts;
  if (resource === undefined) return undefined;
  // A selector of one name counts as that name.
  const name = named ?? /^metadata\.name=([^,]+)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
  const read = searchParams.get('watch') === 'true' ? 'watch' : named === undefined ? 'list' : 'get';
  const full = [group, resource, ...(subresource ? [subresource] : [])].join('/');
  return { verb: verbs[method] ?? read, resource: full, namespace, name };
}

/** Answers come as they are: no compression. */
function plain({ host: _, 'accept-encoding': __, ...headers }: IncomingMessage['headers']): IncomingMessage['headers'] {
  return headers;
}

// biome-ignore lint/suspicious/noExplicitAny: any list
type List = any;

async function rewrite(answer: IncomingMessage, outgoing: ServerResponse, change: (list: List) => List): Promise<void> {
  const list = change(await json(answer));
  const body = Buffer.from(JSON.stringify(list));
  outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json', 'content-length': body.length });
  outgoing.end(body);
}

const withoutItems = (list: List): List => ({ ...list, items: [] });

const withBrokenNodes = (list: List): List => ({
  ...list,
  items: list.items.map((node: List) => ({
    ...node,
    status: { ...node.status, conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] },
  })),
});

const withBrokenApis = (list: List): List => ({
  ...list,
  items: list.items.map((api: List) => ({
    ...api,
    status: { conditions: [{ type: 'Available', status: 'False', lastTransitionTime: new Date().toISOString() }] },
  })),
});
