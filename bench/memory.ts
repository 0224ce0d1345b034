/**
 * Peak resident memory of the serving process while all ten suites run at once, from source and, after `npm run build`,
 * from the bundle. Ends with 1 above the limit of 150 MB for the bundle.
 *
 *     KUBECONFIG=… node bench/memory.ts
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReply } from '../runtime/model/result.ts';
import { supportedSuites } from '../test/cluster/drive.ts';
import { namespacesSettled, openAdmin, removeNamespaces } from '../test/cluster/kit.ts';
import { serveProduct } from '../test/cluster/process.ts';
import { describeRun } from '../test/cluster/say.ts';
import { residentMb } from './measure.ts';

const limitMb = 150;
const root = join(import.meta.dirname, '..');
const admin = openAdmin();
console.log('| process | started, MB | peak while all ten suites run, MB | passed |\n|---|---|---|---|');
for (const [title, entry] of [
  ['source', join(root, 'runtime/cli/cli.ts')],
  ['bundle', join(root, 'dist/cli.js')],
] as const) {
  if (!existsSync(entry)) {
    console.log(`| ${title} | not built | | |`);
    continue;
  }
  const prefix = `memory-${title}`;
  await namespacesSettled(admin, prefix);
  const product = await serveProduct(prefix, {}, entry);
  const started = residentMb(product.pid, 'VmRSS');
  const replies = await Promise.all(
    supportedSuites.map(
      async (suite) => (await (await fetch(`${product.url}/run/${suite}`, { method: 'POST' })).json()) as RunReply,
    ),
  );
  const peak = residentMb(product.pid, 'VmHWM');
  await product.end();
  await removeNamespaces(admin, prefix);
  const passed = replies.filter(({ status }) => status === 'passed').length;
  console.log(`| ${title} | ${started} | ${peak} | ${passed} of ${replies.length} |`);
  for (const reply of replies.filter(({ status }) => status !== 'passed')) console.error(describeReply(reply));
  if (passed < replies.length) console.error(product.output.slice(-3000));
  if (title === 'bundle' && peak > limitMb) process.exitCode = 1;
}
await admin.close();

/** A run, or the error that came instead of one. */
function describeReply(reply: RunReply): string {
  return reply.steps ? describeRun(reply) : JSON.stringify(reply);
}
