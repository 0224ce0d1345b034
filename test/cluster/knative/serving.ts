/** A real Knative Serving on the test cluster, and the product applied to it as docs/deployment.md says. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { root } from '../../deploy/manifests.ts';
import { kubectl } from '../../deploy/stage.ts';
import { kit, noCluster } from '../kit.ts';

const run = promisify(execFile);
const tools = join(kit, 'knative');

/** Why no Knative can be had here; false where it can. */
export const noKnative: string | false =
  noCluster || (existsSync(join(tools, 'add-knative')) ? false : `SKIPPED: no ${join(tools, 'add-knative')}`);

export const namespace = 'kube-e2etests';
export const token = 'a-token-of-the-test';

/** Serving with services that go to zero some 15 s after their last request, and our images on every node. */
export async function installServing(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'knative-'));
  const tool = (name: string, ...words: string[]) =>
    run(join(tools, name), words, {
      timeout: 240_000,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, ...settings },
    });
  try {
    const [product, exporter] = [join(folder, 'product.tar'), join(folder, 'statsd.tar')];
    await tool('product-image', root, product);
    await tool('statsd-image', root, exporter);
    await tool('load-image', product, exporter);
    await tool('add-knative');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The registries in knative/kustomization.yaml: what is loaded by hand is at none of them. */
const settings = { FAST: '1', CHECK: '0', REGISTRIES: 'ghcr.io,docker.io' };

/** The commands of docs/deployment.md, in their order. */
export async function applyProduct(): Promise<void> {
  await kubectl(['apply', '-f', join(root, 'manifests/namespaces.yaml')]);
  const secret = ['create', 'secret', 'generic', 'kube-e2etests-token', `--from-literal=token=${token}`];
  await kubectl(['-n', namespace, ...secret]);
  await kubectl(['apply', '-k', join(root, 'knative')]);
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a Service of ours by its name, through Serving's gateway. */
export async function ask(
  service: string,
  path: string,
  options: { method?: string; event?: string } = {},
): Promise<Answer> {
  const { method = 'GET', event } = options;
  const headers = {
    host: `${service}.${namespace}.svc.cluster.local`,
    ...(event && {
      'ce-specversion': '1.0',
      'ce-type': 'dev.knative.sources.ping',
      'ce-source': '/test',
      'ce-id': event,
    }),
  };
  const sent = request({ host: await gateway(), path, method, headers, agent: false, timeout: 300_000 });
  sent.end();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: reply.statusCode ?? 0, body: await text(reply) };
}

let address: Promise<string> | undefined;

function gateway(): Promise<string> {
  address ??= kubectl(['-n', 'knative-serving', 'get', 'service', 'edge', '-o', 'jsonpath={.spec.clusterIP}']);
  return address;
}

export const serviceOf = (suite: string): string => `kube-e2etests-${suite.replaceAll('_', '-')}`;

/** As a PingSource sends it. */
export const tick = (suite: string, event: string): Promise<Answer> =>
  ask(serviceOf(suite), `/run/${suite}`, { method: 'POST', event });

export async function page<T>(path: string): Promise<T> {
  return JSON.parse((await ask('kube-e2etests-page', path)).body) as T;
}

/** Names of the pods of a Service that are not going. */
export async function podsOf(service: string): Promise<readonly string[]> {
  const selector = ['-l', `serving.knative.dev/service=${service}`, '-o', 'json'];
  const { items } = JSON.parse(await kubectl(['-n', namespace, 'get', 'pods', ...selector]));
  return items.flatMap(({ metadata }: { metadata: { name: string; deletionTimestamp?: string } }) =>
    metadata.deletionTimestamp ? [] : [metadata.name],
  );
}
