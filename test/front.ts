/** A sandbox with a front before its API server, which answers, changes, cuts or holds back what passes; and the product run against it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer, json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { Finding } from '../runtime/model/finding.ts';
import type { RunResult } from '../runtime/model/result.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/index.ts';
import { type Drive, type DriveOptions, openDrive } from './cluster/drive.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects are looked into as they come
export type Passing = any;

export interface FrontRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed where it is JSON, else its text. */
  readonly body: Passing;
  /** Milliseconds of performance.now(). */
  readonly at: number;
}

export interface FrontAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FrontHooks {
  /** In the API server's place: an answer, 'cut' (the connection is reset), 'hold' (no answer ever comes); undefined lets it pass. */
  answer?(
    request: FrontRequest,
  ): FrontAnswer | 'cut' | 'hold' | undefined | Promise<FrontAnswer | 'cut' | 'hold' | undefined>;
  /** Each object on its way back, of replies, lists and watches: changed in place or another; null leaves it out of lists and watches. */
  object?(object: Passing, request: FrontRequest): Passing;
}

export interface Front {
  readonly sandbox: Sandbox;
  /** Kubeconfig that leads to the front. */
  readonly kubeconfigPath: string;
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly FrontRequest[];
  /** May be replaced at any time. */
  hooks: FrontHooks;
  /** Settings by which the product finds this cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** Past the hooks, as an administrator. */
  direct(method: string, path: string, body?: unknown, type?: string): Promise<{ status: number; body: Passing }>;
  /** The product's own runner in this process; closed with the test. EVENT_TIMEOUT_SECONDS is 3 unless told. */
  drive(options?: Partial<DriveOptions>): Promise<Drive>;
  /** Runs one suite, by a drive of its own. */
  run(suite: string, options?: Partial<DriveOptions>): Promise<RunResult>;
}

export interface FrontOptions extends FrontHooks {
  readonly sandbox?: SandboxOptions;
}

/** Ends with the test. */
export async function openFront(t: TestContext, { sandbox: options, ...hooks }: FrontOptions = {}): Promise<Front> {
  const sandbox = await startSandbox(options);
  const upstream = upstreamOf(sandbox);
  const requests: FrontRequest[] = [];
  const front = { hooks: hooks as FrontHooks };
  const server = createServer((incoming, response) => {
    void pass(incoming, response).catch(() => response.destroy());
  });
  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await buffer(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const request = { method, url, headers, body: parsed(sent), at: performance.now() };
    requests.push(request);
    const own = await front.hooks.answer?.(request);
    if (own === 'hold') return;
    if (own === 'cut') return void incoming.socket.resetAndDestroy();
    if (own) return void reply(response, own);
    const { 'accept-encoding': _, ...kept } = headers;
    const answered = await upstream.send(method, url, sent, kept, response);
    await passBack(answered, response, (object) => front.hooks.object?.(object, request) ?? null, front.hooks, request);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'front-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfigOf(url));
  const env = {
    CLUSTER: 'kubeconfig',
    KUBECONFIG: kubeconfigPath,
    PROBE_PROXY: sandbox.probeProxy,
    DNS_SERVERS: sandbox.dnsServers.join(','),
    AGENT_IMAGE: sandbox.agentImage,
    PULL_IMAGE: sandbox.pullImage,
  };
  const drives: Drive[] = [];
  t.after(async () => {
    // What a run still cleans up passes unhindered.
    front.hooks = {};
    await Promise.all(drives.map((drive) => drive.close()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    upstream.close();
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
  const drive = async (given: Partial<DriveOptions> = {}): Promise<Drive> => {
    const opened = await openDrive({
      prefix: 'field',
      eventTimeoutSeconds: 3,
      ...given,
      env: { ...env, ...given.env },
    });
    drives.push(opened);
    return opened;
  };
  return Object.assign(front, {
    sandbox,
    kubeconfigPath,
    url,
    requests,
    env,
    direct: async (method: string, path: string, body?: unknown, type = 'application/json') => {
      const headers = body === undefined ? {} : { 'content-type': type };
      const answered = await upstream.send(method, path, Buffer.from(body ? JSON.stringify(body) : ''), headers);
      return { status: answered.statusCode ?? 0, body: parsed(await buffer(answered)) };
    },
    drive,
    run: async (suite: string, given?: Partial<DriveOptions>) => {
      const opened = await drive(given);
      return opened.runOne(opened.suite(suite));
    },
  });
}

/** A refusal as the API server words it. */
export function status(code: number, reason: string, message: string, more: object = {}): FrontAnswer {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message, ...more },
  };
}

/** Of the suite's steps, without the clean-up's. */
export function findingsIn(result: RunResult): readonly Finding[] {
  return result.steps.filter(({ kind }) => kind !== 'cleanup').flatMap(({ findings }) => findings);
}

function upstreamOf(sandbox: Sandbox) {
  const { clusters, users } = parse(sandbox.kubeconfig);
  const { server, 'certificate-authority-data': data } = clusters[0].cluster;
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(data, 'base64') });
  const { hostname: host, port } = new URL(server);
  return {
    send: (method: string, path: string, body: Buffer, headers: IncomingHttpHeaders, response?: ServerResponse) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const authorization = `Bearer ${users[0].user.token}`;
        const sent = send({ host, port, method, path, agent, headers: { ...headers, host, authorization } }, resolve);
        response?.once('close', () => sent.destroy());
        sent.on('error', reject).end(body);
      }),
    close: () => agent.destroy(),
  };
}

async function passBack(
  answered: IncomingMessage,
  response: ServerResponse,
  change: (object: Passing) => Passing,
  { object: hook }: FrontHooks,
  { url }: FrontRequest,
): Promise<void> {
  const { statusCode = 500, headers } = answered;
  if (!hook || statusCode >= 400 || !String(headers['content-type']).includes('json')) {
    response.writeHead(statusCode, headers);
    answered.pipe(response);
    return;
  }
  const { 'content-length': _, ...kept } = headers;
  if (/[?&]watch=true/.test(url)) {
    response.writeHead(statusCode, kept).flushHeaders();
    for await (const line of createInterface({ input: answered })) {
      const event = JSON.parse(line);
      const isOfObject = event.type !== 'BOOKMARK' && event.type !== 'ERROR';
      const object = isOfObject ? change(event.object) : event.object;
      if (object !== null) response.write(`${JSON.stringify({ ...event, object })}\n`);
    }
    return void response.end();
  }
  const whole = (await json(answered)) as Passing;
  const kind = String(whole.kind).replace(/List$/, '');
  const items = whole.items?.map((item: Passing) => change({ kind, ...item })).filter((item: Passing) => item !== null);
  const body = items ? { ...whole, items } : whole.kind === 'Status' ? whole : (change(whole) ?? whole);
  response.writeHead(statusCode, kept).end(JSON.stringify(body));
}

function reply(response: ServerResponse, { status: code, body = '', headers }: FrontAnswer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(text);
}

function parsed(body: Buffer): Passing {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'front', cluster: { server } }],
    users: [{ name: 'front', user: { token: 'x' } }],
    contexts: [{ name: 'front', context: { cluster: 'front', user: 'front' } }],
    'current-context': 'front',
  });
}
