/** Whatever ends a process, the next one finds a cluster that it can work in. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Held } from '../../runtime/findings.ts';
import type { RunReply } from '../../runtime/model.ts';
import { openDrive } from './drive.ts';
import { type Admin, hurryPods, leftovers, namespacesSettled, noCluster, openAdmin, removeNamespaces } from './kit.ts';
import { serveProduct, startProduct } from './process.ts';
import { assertPassed, describeRun } from './say.ts';

/** Suite → the step after which its process is killed, and what the next run must recover. `dns` makes nothing. */
const killedAfter: Readonly<Record<string, { step: string; recovers: readonly string[] }>> = {
  namespace: { step: 'Create Namespace', recovers: ['namespace'] },
  deployment: { step: 'Create Deployment', recovers: ['configmap', 'deployment'] },
  deployment_update: { step: 'Update deployment', recovers: [] },
  deployment_scale: { step: 'Scale deployment to 0 replicas', recovers: [] },
  service: { step: 'Create Service', recovers: ['service'] },
  deployment_service: { step: 'Ensure ConfigMap', recovers: [] },
  deployment_scale_service: { step: 'Scale deployment to 0 replicas', recovers: [] },
  http: { step: 'Ensure ConfigMap', recovers: [] },
  http_update: { step: 'Update deployment', recovers: [] },
};

/** Runs the suite in a process that is killed after its step; once more where the run was faster than the signal. */
async function killInMidRun({ coordination }: Admin, name: string): Promise<number> {
  const namespace = `crash-${name.replaceAll('_', '-')}`;
  for (;;) {
    const product = startProduct(['run', name], 'crash-{suite}');
    await product.shows(killedAfter[name]?.step ?? '');
    product.kill('SIGKILL');
    await product.ended;
    const fieldSelector = `metadata.name=kube-e2etests-${namespace}`;
    const { items } = await coordination.listLeaseForAllNamespaces({ fieldSelector });
    if (items.length > 0) return product.pid;
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
      const names = Object.keys(killedAfter);
      const killed = await Promise.all(names.map(async (name) => [name, await killInMidRun(admin, name)] as const));
      const drive = await openDrive({ prefix: 'crash-{suite}' });
      try {
        for (const [name, pid] of killed) {
          const held = await drive.runOne(drive.suite(name)).catch((error: unknown) => error);
          assert.ok(held instanceof Held, `${name} is locked until its lease is over`);
          assert.match(held.holder, new RegExp(`/${pid}/`));
        }
        const results = await drive.run(...names);
        for (const result of results.values()) t.diagnostic(describeRun(result));
        assertPassed(results.values());
        for (const [name, result] of results) {
          assert.equal(result.steps[0]?.name, 'Remove leftovers of a dead run', name);
          const kinds = result.recovered.map(({ kind }) => kind).sort();
          assert.deepEqual(kinds, killedAfter[name]?.recovers, name);
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

    t.test('two processes triggered at once on one suite: one runs, one says who does', async (t) => {
      const env = { SUITES: 'deployment_service' };
      const products = await Promise.all([1, 2].map(() => serveProduct('crash-two-{suite}', env)));
      t.after(() => Promise.all(products.map((product) => product.end())));
      const answers = await Promise.all(
        products.map(({ url }) => fetch(`${url}/run/deployment_service`, { method: 'POST' })),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
      const ran = answers.findIndex(({ status }) => status === 200);
      const refused = answers[1 - ran] as Response;
      const { message } = (await refused.json()) as { message: string };
      assert.match(message, new RegExp(`/${products[ran]?.pid}/`));
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
    }),
  ]);
});
