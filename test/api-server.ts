/** A small HTTP server that plays the API server, one handler for each test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KubernetesObject } from '@kubernetes/client-node';
import { loadCredentials, type PooledKubeConfig } from '../runtime/kube/client/credentials.ts';

export interface Request {
  /** "GET /api/v1/…", without the query. */
  readonly line: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

type Handler = (request: Request, response: ServerResponse) => void;

export interface ApiServer {
  readonly kubeconfig: string;
  readonly config: PooledKubeConfig;
  /** Every request so far. */
  readonly requests: readonly Request[];
}

export async function playApiServer(t: TestContext, handle: Handler): Promise<ApiServer> {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const request = {
      line: `${incoming.method} ${url.pathname}`,
      query: url.searchParams,
      body: await bodyOf(incoming),
    };
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const config = loadCredentials({ kind: 'kubeconfig', path: kubeconfig });
  t.after(async () => {
    await config.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  return { kubeconfig, config, requests };
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A refusal as the API server words it. */
export function refuse(response: ServerResponse, code: number, reason: string, message = reason): void {
  answer(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
}

/** One event of a watch. */
export function sendEvent(response: ServerResponse, type: string, object: KubernetesObject | object): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}

/** A kubeconfig of one context that leads to the server, without credentials. */
export function kubeconfigOf(server: string, namespace = 'home'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
    'current-context': 'test',
  });
}
