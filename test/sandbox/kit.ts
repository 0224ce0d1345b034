/** What the tests of the sandbox stand on: a cluster of their own, and an API client that hides nothing. */
import { request as requestPlain } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into as they come
export type Body = any;

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface CallOptions {
  body?: unknown;
  /** Default: application/json. */
  type?: string;
  accept?: string;
  headers?: Record<string, string>;
}

export interface WatchEvent {
  type: string;
  object: Body;
}

export interface Api {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  remove(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body: unknown, type?: string): Promise<Answer>;
  /** Yields events until the server ends the watch. Throws if it was cut. */
  watch(path: string): AsyncGenerator<WatchEvent>;
  /** Resolves with the collection's items as soon as `holds` does; fails after 30 s, or the patience given, with what it saw last. */
  until(path: string, holds: (items: Body[]) => boolean): Promise<Body[]>;
  close(): void;
}

/** `patienceMs`: how long `until` waits; a real cluster may need minutes where the sandbox needs a moment. */
export function connect(kubeconfig: string, patienceMs = 30_000): Api {
  const config = parse(kubeconfig);
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const decode = (text?: string) => (text ? Buffer.from(text, 'base64').toString() : undefined);
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
  const open = (method: string, path: string, { body, type, accept, headers }: CallOptions = {}) => {
    const all = {
      'User-Agent': 'kube-e2etests-test',
      ...(user.token && { Authorization: `Bearer ${user.token}` }),
      ...(accept && { Accept: accept }),
      ...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
      ...headers,
    };
    const sentBody = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const length = sentBody === undefined ? {} : { 'Content-Length': Buffer.byteLength(sentBody) };
    const sent = request(cluster.server + path, { method, agent, headers: { ...all, ...length } });
    sent.end(sentBody);
    return sent;
  };

  const call: Api['call'] = (method, path, options) =>
    new Promise((resolve, reject) => {
      const sent = open(method, path, options);
      sent.once('error', reject).once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject).once('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.includes('json');
          resolve({
            status: response.statusCode ?? 0,
            body: isJson ? JSON.parse(answer) : answer,
            headers: response.headers,
          });
        });
      });
    });

  async function* watch(path: string): AsyncGenerator<WatchEvent> {
    const sent = open('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`);
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      sent.once('error', reject).once('response', resolve);
    });
    let rest = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line) yield JSON.parse(line);
      }
    } finally {
      response.destroy();
    }
  }

  async function until(path: string, holds: (items: Body[]) => boolean): Promise<Body[]> {
    const { body } = await call('GET', path);
    const items = new Map<string, Body>(body.items.map((item: Body) => [item.metadata.uid, item]));
    if (holds([...items.values()])) return [...items.values()];
    const query = `resourceVersion=${body.metadata.resourceVersion}&timeoutSeconds=${patienceMs / 1000}`;
    for await (const { type, object } of watch(`${path}${path.includes('?') ? '&' : '?'}${query}`)) {
      if (type === 'DELETED') items.delete(object.metadata.uid);
      else items.set(object.metadata.uid, object);
      if (holds([...items.values()])) return [...items.values()];
    }
    throw new Error(
      `After ${patienceMs / 1000} s it still was not so: ${JSON.stringify([...items.values()], null, 1).slice(0, 4000)}`,
    );
  }

  return {
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, { body }),
    put: (path, body) => call('PUT', path, { body }),
    remove: (path, body) => call('DELETE', path, { body }),
    patch: (path, body, type = 'application/merge-patch+json') => call('PATCH', path, { body, type }),
    watch,
    until,
    close: () => agent.destroy(),
  };
}

export interface Bench extends Api {
  readonly sandbox: Sandbox;
  /** GET through the sandbox's proxy, on a connection of its own. */
  fetch(
    url: string,
    options?: { timeoutMs?: number; agent?: string; host?: string },
  ): Promise<{ status: number; body: string }>;
}

/** A sandbox with a client, both closed when the test ends. */
export async function startBench(t: TestContext, options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await startSandbox(options);
  const api = connect(sandbox.kubeconfig);
  t.after(async () => {
    api.close();
    await sandbox.close();
  });
  return {
    ...api,
    sandbox,
    fetch: (url, { timeoutMs = 5000, agent = 'test', host } = {}) =>
      fetchThrough(sandbox.probeProxy, url, agent, timeoutMs, host),
  };
}

/** A tunnel by CONNECT, then one request in it. undici's ProxyAgent does not listen to its signal while the tunnel is built. */
async function fetchThrough(
  proxy: string,
  url: string,
  agent: string,
  timeoutMs: number,
  host?: string,
): Promise<{ status: number; body: string }> {
  const { hostname, port, pathname } = new URL(url);
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = await new Promise<Duplex>((resolve, reject) => {
    const tunnel = requestPlain(proxy, { method: 'CONNECT', path: `${hostname}:${port || 80}`, agent: false, signal });
    tunnel.once('error', reject).once('connect', ({ statusCode }, open) => {
      if (statusCode === 200) resolve(open);
      else reject(new Error(`The proxy answered ${statusCode}`));
    });
    tunnel.end();
  });
  return new Promise((resolve, reject) => {
    const options = {
      path: pathname,
      createConnection: () => socket,
      headers: { Host: host ?? hostname, 'User-Agent': agent },
      signal,
    };
    const sent = requestPlain(options, async (response) => {
      try {
        resolve({ status: response.statusCode ?? 0, body: await text(response) });
      } catch (error) {
        reject(error);
      } finally {
        socket.destroy();
      }
    });
    sent.once('error', reject).end();
  });
}

/** Tries again until it succeeds: a service answers a moment after its endpoints are there, as behind a real kube-proxy. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + 5000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(5);
    }
  }
}

export const home = (namespace: string) => ({
  core: `/api/v1/namespaces/${namespace}`,
  apps: `/apis/apps/v1/namespaces/${namespace}`,
  leases: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
  slices: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
});

/** A deployment of nginx with its page in the ConfigMap `web`, one pod per zone. */
export function deployment(name = 'web', spec: Record<string, unknown> = {}, image = 'nginx:1.28-alpine'): Body {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: labels } },
              ],
            },
          },
          containers: [
            {
              name: 'nginx',
              image,
              ports: [{ containerPort: 80 }],
              volumeMounts: [{ name: 'page', mountPath: '/usr/share/nginx/html' }],
            },
          ],
          volumes: [{ name: 'page', configMap: { name: 'web' } }],
        },
      },
      ...spec,
    },
  };
}

export const service = (name = 'web') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, protocol: 'TCP' }] },
});

export const isReady = (pod: Body): boolean =>
  !pod.metadata.deletionTimestamp &&
  !!pod.status?.conditions?.some((one: Body) => one.type === 'Ready' && one.status === 'True');

/** The namespace with ConfigMap, Deployment and Service in it, its three pods ready and behind the service. */
export async function deployWeb(
  api: Api,
  namespace: string,
  page = 'hello\n',
): Promise<{ pods: Body[]; address: string }> {
  const { core, apps } = home(namespace);
  await api.post('/api/v1/namespaces', { metadata: { name: namespace } });
  await api.post(`${core}/configmaps`, { metadata: { name: 'web' }, data: { 'index.html': page } });
  await api.post(`${apps}/deployments`, deployment());
  const { body } = await api.post(`${core}/services`, service());
  const pods = await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  await api.until(`${core}/endpoints`, ([item]) => item?.subsets?.[0]?.addresses?.length === 3);
  return { pods, address: body.spec.clusterIP };
}
