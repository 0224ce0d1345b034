/** Routes into the test cluster, by the add-on that serves Ingresses and Gateways: Contour, which configures Envoy. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CustomObjectsApi, NetworkingV1Api } from '@kubernetes/client-node';
import { openStage, type Stage } from '../alone/stage.ts';
import { afterStep, openDrive } from '../drive.ts';
import { addOn, namespacesSettled, noFaults, openAdmin, removeNamespaces } from '../kit.ts';
import { assertFailedAt, assertPassed, describeRun } from '../say.ts';

const prefix = 'edge';
const suites = ['ingress', 'gateway'];
// Contour serves this one Gateway.
process.env.GATEWAY = 'projectcontour/contour';
/** Requests of a healthy run on standing objects. */
const budget = 14;

test('routes', { skip: noFaults }, async (t) => {
  let stage: Stage;
  const admin = openAdmin();
  before(async () => {
    await namespacesSettled(admin, prefix);
    await addOn('ingress');
    stage = await openStage(prefix, [...suites, 'http']);
  });
  after(async () => {
    await stage?.close();
    await addOn('ingress', 'remove');
    await removeNamespaces(admin, prefix);
    await admin.close();
  });

  await t.test('routes are served, changed and removed, three times, within their budget', async (t) => {
    const drive = await openDrive({ prefix });
    t.after(() => drive.close());
    const least = new Map<string, number>();
    for (let round = 1; round <= 3; round++) {
      const results = [...(await drive.run(...suites)).values()];
      for (const result of results) t.diagnostic(describeRun(result));
      assertPassed(results);
      // A run that takes long renews its lease.
      for (const { suite, apiRequests } of results)
        least.set(suite, Math.min(least.get(suite) ?? Number.POSITIVE_INFINITY, apiRequests.total));
    }
    for (const [suite, total] of least) assert.ok(total <= budget, `${suite} sent ${total} requests`);
    const left = await Promise.all([
      admin.config.makeApiClient(NetworkingV1Api).listNamespacedIngress({ namespace: drive.namespaceOf('ingress') }),
      admin.config.makeApiClient(CustomObjectsApi).listNamespacedCustomObject({
        group: 'gateway.networking.k8s.io',
        version: 'v1',
        namespace: drive.namespaceOf('gateway'),
        plural: 'httproutes',
      }),
    ]);
    assert.deepEqual(
      left.map(({ items }) => items),
      [[], []],
    );
  });

  for (const [breaks, what] of [
    ['contour', 'new routes are not looked at'],
    ['envoy', 'nobody answers'],
  ] as const) {
    await t.test(`${breaks} stopped: ${what}, its class is named, and what needs no route is green`, async (t) => {
      const window = { breaks: [breaks, 'stop'], heals: [breaks, 'start'], seconds: 10, suites: [...suites, 'http'] };
      await stage.check(window, t.diagnostic.bind(t));
    });
  }

  for (const [name, before] of [
    ['ingress', 'Wait on its address'],
    ['gateway', 'Wait on its acceptance'],
  ] as const) {
    await t.test(`${name}: a service removed behind it is told apart from the controller`, async (t) => {
      const drive = await openDrive({ prefix, eventTimeoutSeconds: 10 });
      t.after(() => drive.close());
      const service = drive.config.testService;
      const remove = () => admin.core.deleteNamespacedService({ name: service, namespace: drive.namespaceOf(name) });
      const result = await drive.runOne(afterStep(drive.suite(name), before, remove));
      t.diagnostic(describeRun(result));
      // The page may be served for a moment more; and with its only route Contour takes Envoy's listener away.
      const first = result.steps.find(({ status }) => status !== 'passed')?.name ?? '';
      assert.ok(['Request page through it', 'Change its backend'].includes(first), describeRun(result));
      assertFailedAt(result, first, 'edge.no_backend', 'edge.unreachable');
      assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['workload', `service/${service}`]);
    });
  }
});
