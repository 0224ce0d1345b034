/** Whatever ends a process, the next one finds a cluster that it can work in. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Held } from '../../runtime/defects.ts';
import type { RunReply } from '../../runtime/model/result.ts';
import { kubeconfigOf } from '../api-server.ts';
import { startRecorder } from '../deploy/requests.ts';
import { eventually } from '../eventually.ts';
import { openDrive } from './drive.ts';
import { type Admin, hurryPods, leftovers, namespacesSettled, noCluster, openAdmin, removeNamespaces } from './kit.ts';
import { type Product, serveProduct, startProduct } from './process.ts';
import { assertPassed, describeRun } from './say.ts';

interface Kill {
  /** The answer to this is the last thing the process does not live to hear. */
  readonly at: string;
  readonly recovers: readonly string[];
}

/** `dns` makes nothing. */
const kills: Readonly<Record<string, Kill>> = {
  namespace: { at: 'create /namespaces', recovers: ['namespace'] },
  deployment: { at: 'create apps/deployments', recovers: ['configmap', 'deployment'] },
  control_plane: { at: 'create /configmaps', recovers: ['configmap'] },
  daemonset: { at: 'create apps/daemonsets', recovers: ['daemonset'] },
  statefulset: { at: 'create apps/statefulsets', recovers: ['statefulset'] },
  job: { at: 'create batch/jobs', recovers: ['job'] },
  cronjob: { at: 'watch batch/jobs', recovers: [] },
  volume: { at: 'create batch/jobs', recovers: ['job', 'persistentvolumeclaim'] },
  disruption_budget: { at: 'create /pods/eviction', recovers: ['poddisruptionbudget'] },
  config_update: { at: 'patch /secrets', recovers: ['configmap', 'deployment', 'secret'] },
  deployment_update: { at: 'create apps/deployments', recovers: [] },
  deployment_scale: { at: 'patch apps/deployments/scale', recovers: [] },
  service: { at: 'create /services', recovers: ['service'] },
  deployment_service: { at: 'create /services', recovers: [] },
  deployment_scale_service: { at: 'patch apps/deployments/scale', recovers: [] },
  http: { at: 'create /configmaps', recovers: [] },
  http_update: { at: 'patch apps/deployments', recovers: [] },
};

/** Runs the suite in a process that is killed before an answer reaches it. */
async function killInMidRun({ config }: Admin, name: string): Promise<number> {
  const { server = '', caData = '' } = config.getCurrentCluster() ?? {};
  const { certData = '', keyData = '' } = config.getCurrentUser() ?? {};
  const [ca, cert, key] = [caData, certData, keyData].map((data) => Buffer.from(data, 'base64'));
  let product: Product | undefined;
  const recorder = await startRecorder({ server, ca: ca!, cert, key }, ({ verb, resource }) => {
    if (`${verb} ${resource}` === kills[name]?.at) product?.kill('SIGKILL');
  });
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  try {
    writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(recorder.url, 'default'));
    product = startProduct(['run', name], 'crash-{suite}', { KUBECONFIG: join(folder, 'kubeconfig') });
    assert.equal(await product.ended, 'SIGKILL', product.output);
    return product.pid;
  } finally {
    recorder.close();
    rmSync(folder, { recursive: true });
  }
}

test('ended processes', { skip: noCluster, concurrency: true }, async (t) => {
  let admin: Admin;
  let slowDown: () => void;
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, 'crash');
    slowDown = hurryPods(admin, 'crash');
  });
  after(async () => {
    slowDown?.();
    for (const prefix of ['crash', 'crash-term', 'crash-two']) await removeNamespaces(admin, prefix);
    await admin?.close();
  });

  await Promise.all([
    t.test('kill -9 in the middle of each suite: the next process recovers, and passes', async (t) => {
      const names = Object.keys(kills);
      const drive = await openDrive({ prefix: 'crash-{suite}' });
      const killAndMeet = async (name: string) => {
        const pid = await killInMidRun(admin, name);
        const held = await drive.runOne(drive.suite(name)).catch((error: unknown) => error);
        assert.ok(held instanceof Held, `${name} is locked until its lease is over`);
        assert.match(held.holder, new RegExp(`/${pid}/`));
      };
      try {
        // A few at a time: a process whose API server does not answer within 3.5 s of its start calls it unreachable.
        for (let from = 0; from < names.length; from += 3)
          await Promise.all(names.slice(from, from + 3).map(killAndMeet));
        const results = await drive.run(...names);
        for (const result of results.values()) t.diagnostic(describeRun(result));
        assertPassed(results.values());
        for (const [name, result] of results) {
          const first = result.steps.find((step) => step.name !== 'Check requirements');
          assert.equal(first?.name, 'Remove leftovers of a dead run', name);
          const kinds = result.recovered.map(({ kind }) => kind).sort();
          assert.deepEqual(kinds, kills[name]?.recovers, name);
        }
      } finally {
        await drive.close();
      }
    }),

    t.test('SIGTERM in mid-run: cleaned up, figures sent, gone within 30 s', async (t) => {
      const statsd = createSocket('udp4');
      t.after(() => statsd.close());
      const lines: string[] = [];
      statsd.on('message', (message) => lines.push(...message.toString().split('\n')));
      await new Promise<void>((resolve) => statsd.bind(0, '127.0.0.1', resolve));
      const product = await serveProduct('crash-term-{suite}', {
        SUITES: 'deployment',
        STATSD_HOST: '127.0.0.1',
        STATSD_PORT: String(statsd.address().port),
      });
      const reply = fetch(`${product.url}/run/deployment`, { method: 'POST' });
      const namespace = 'crash-term-deployment';
      while ((await admin.apps.listNamespacedDeployment({ namespace })).items.length === 0) await pause(20);
      const began = performance.now();
      product.kill('SIGTERM');
      assert.equal(await product.ended, 0, product.output);
      assert.ok(performance.now() - began < 30_000);
      t.diagnostic(`gone after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      const answer = await reply;
      const result = (await answer.json()) as RunReply;
      assert.equal(answer.status, 500);
      assert.equal(result.status, 'errored');
      assert.ok(result.steps.some(({ findings }) => findings[0]?.code === 'run.aborted'));
      // The deployment is gone when the process is; its pods follow when the garbage collector comes to them.
      for (const began = performance.now(); performance.now() - began < 240_000; await pause(200)) {
        if ((await leftovers(admin, 'crash-term')).length === 0) break;
      }
      assert.deepEqual(await leftovers(admin, 'crash-term'), []);
      assert.ok(lines.includes('e2etest.run.deployment.errored:1|c'), lines.join('\n'));
      assert.ok(lines.some((line) => line.startsWith(`e2etest.action.${namespace}.configmap.create:`)));
    }),

    t.test('of two processes triggered on one suite one runs, and the other says who does', async (t) => {
      const env = { SUITES: 'deployment' };
      const products = await Promise.all([1, 2].map(() => serveProduct('crash-two-{suite}', env)));
      t.after(() => Promise.all(products.map((product) => product.end())));
      const [first, second] = products as [(typeof products)[0], (typeof products)[0]];
      const ran = fetch(`${first.url}/run/deployment`, { method: 'POST' });
      // From here on it runs, for as long as its pods take to come and go.
      const namespace = 'crash-two-deployment';
      const locks = () =>
        admin.coordination.listNamespacedLease({ namespace }).then(
          ({ items }) => items.length,
          () => 0,
        );
      await eventually('the lock', 60_000, locks, (count) => count > 0);
      const refused = await fetch(`${second.url}/run/deployment`, { method: 'POST' });
      const told = await refused.text();
      assert.equal(refused.status, 409, told);
      assert.match(JSON.parse(told).message, new RegExp(`/${first.pid}/`));
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      assert.equal((await ran).status, 200);
    }),
  ]);
});
