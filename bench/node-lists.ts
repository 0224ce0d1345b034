/**
 * What look-ups of 5,000 nodes, of the size that a cloud's have, cost a serving process: healthy runs of the deployment suite, and red ones,
 * whose evidence looks at nodes too. Ends with 1 where it grew by 20 MiB more than on three nodes.
 *
 *     npm run build && node bench/node-lists.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { type Front, type FrontRequest, openFront, type Passing } from '../test/front.ts';

const limitMiB = 20;
const runs = 6;
const many = (count: number, of: (index: number) => Passing) => Array.from({ length: count }, (_, index) => of(index));

/** A node as a cloud has it: 3.5 KB of metadata, 12 KB in all. */
function another({ metadata, ...node }: Passing, index: number): Passing {
  const fields = Object.fromEntries(many(12, (one) => [`f:label.example.net/some-name-${one}`, {}]));
  const images = many(50, (one) => ({
    names: [
      `registry.example.net/team/image-${one}@sha256:${'0'.repeat(64)}`,
      `registry.example.net/team/image-${one}:v1`,
    ],
    sizeBytes: 123_456_789,
  }));
  const labels = Object.fromEntries(many(25, (one) => [`label.example.net/some-name-${one}`, `value-${one}-${index}`]));
  const managedFields = many(3, (one) => ({
    manager: `manager-${one}`,
    operation: 'Update',
    fieldsV1: { 'f:metadata': { 'f:labels': fields } },
  }));
  const name = `a-worker-${index}.region.compute.example.net`;
  return {
    ...node,
    metadata: { ...metadata, name, uid: name, labels: { ...metadata.labels, ...labels }, managedFields },
    status: { ...node.status, images },
  };
}

/** Keeps to limit, continue, name and what of a node is asked for. */
async function answer(front: Front, count: number, { url, headers }: FrontRequest) {
  const { searchParams } = new URL(url, 'http://front');
  const { body } = await front.direct('GET', '/api/v1/nodes');
  const named = /metadata\.name=(.+)/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
  const only = String(headers.accept).includes('PartialObjectMetadataList');
  const from = Number(searchParams.get('continue') ?? 0);
  const total = count + body.items.length;
  const end = Math.min(total, from + (Number(searchParams.get('limit')) || total));
  const at = (index: number) => (index < count ? another(body.items[0], index) : body.items[index - count]);
  const items = named
    ? body.items.filter(({ metadata }: Passing) => metadata.name === named)
    : many(end - from, (index) => at(from + index));
  const metadata = { resourceVersion: '1', ...(!named && end < total && { continue: String(end) }) };
  const shown = only ? items.map((node: Passing) => ({ metadata: node.metadata })) : items;
  return { status: 200, body: { kind: 'NodeList', apiVersion: 'v1', metadata, items: shown } };
}

async function residentMiB(count: number): Promise<number> {
  const ends: (() => unknown)[] = [];
  const front = await openFront({ after: (end: () => unknown) => ends.push(end) } as unknown as TestContext, {
    answer: (request) => (/^\/api\/v1\/nodes(\?|$)/.test(request.url) ? answer(front, count, request) : undefined),
  });
  const { PATH, HOME } = process.env;
  const settings = { SUITES: 'deployment', SCHEDULER: 'off', CREATE_NAMESPACES: 'true', EVENT_TIMEOUT_SECONDS: '10' };
  const env = { PATH, HOME, HOST: '127.0.0.1', PORT: '0', ...settings, ...front.env };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../dist/cli.js'), 'serve'], { env });
  process.once('exit', () => child.kill('SIGKILL'));
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /"url":"(http[^"]+)"/.exec(line)?.[1];
    if (url) break;
  }
  child.stdout.resume();
  let resident = 0;
  for (let run = 1; run <= runs; run++) {
    front.sandbox.faults.set('kubelet-down', run === runs - 1 ? { on: true, node: 'node2' } : false);
    const result = (await (await fetch(`${url}run/deployment`, { method: 'POST' })).json()) as Passing;
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    resident = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    console.log(`| ${count + 3} | ${run} | ${result.status} | ${resident.toFixed(0)} |`);
  }
  child.kill('SIGTERM');
  await once(child, 'exit');
  for (const end of ends) await end();
  return resident;
}

console.log('| nodes | run | verdict | peak, MiB |\n|---|---|---|---|');
const few = await residentMiB(0);
const grown = (await residentMiB(4_997)) - few;
console.log(`\n5,000 nodes cost ${grown.toFixed(0)} MiB`);
process.exit(grown < limitMiB ? 0 : 1);
