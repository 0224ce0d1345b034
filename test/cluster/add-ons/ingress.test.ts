/** Routes into the test cluster, by the add-on that serves Ingresses and Gateways: Contour, which configures Envoy. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NetworkingV1Api } from '@kubernetes/client-node';
import { openStage, type Stage } from '../alone/stage.ts';
import { afterStep, openDrive } from '../drive.ts';
import { addOn, namespacesSettled, noFaults, openAdmin, removeNamespaces } from '../kit.ts';
import { assertFailedAt, assertPassed, describeRun } from '../say.ts';

const prefix = 'edge';
/** Requests of a healthy run on standing objects. */
const budget = 14;

test('routes', { skip: noFaults }, async (t) => {
  let stage: Stage;
  const admin = openAdmin();
  before(async () => {
    await namespacesSettled(admin, prefix);
    await addOn('ingress');
    stage = await openStage(prefix);
  });
  after(async () => {
    await stage?.close();
    await addOn('ingress', 'remove');
    await removeNamespaces(admin, prefix);
    await admin.close();
  });

  await t.test('an Ingress is served, changed and removed, three times, within its budget', async (t) => {
    const drive = await openDrive({ prefix });
    t.after(() => drive.close());
    for (let round = 1; round <= 3; round++) {
      const result = await drive.runOne(drive.suite('ingress'));
      t.diagnostic(describeRun(result));
      assertPassed([result]);
      assert.ok(result.apiRequests.total - result.apiRequests.retries <= budget, describeRun(result));
    }
    const { items } = await admin.config
      .makeApiClient(NetworkingV1Api)
      .listNamespacedIngress({ namespace: drive.namespaceOf('ingress') });
    assert.deepEqual(items, []);
  });

  for (const [breaks, what] of [
    ['contour', 'gives no address'],
    ['envoy', 'is not reached'],
  ] as const) {
    await t.test(`${breaks} stopped: the ingress controller ${what}, and what needs none is green`, async (t) => {
      const window = { breaks: [breaks, 'stop'], heals: [breaks, 'start'], seconds: 10, suites: ['ingress', 'http'] };
      await stage.check(window, t.diagnostic.bind(t));
    });
  }

  await t.test('a service removed behind it is told apart from the controller', async (t) => {
    const drive = await openDrive({ prefix, eventTimeoutSeconds: 10 });
    t.after(() => drive.close());
    const namespace = drive.namespaceOf('ingress');
    const remove = () => admin.core.deleteNamespacedService({ name: drive.config.testService, namespace });
    const result = await drive.runOne(afterStep(drive.suite('ingress'), 'Wait on its address', remove));
    t.diagnostic(describeRun(result));
    assertFailedAt(result, 'Request page through it', 'edge.no_backend');
    assert.deepEqual(
      [result.diagnosis?.component, result.diagnosis?.part],
      ['workload', `service/${drive.config.testService}`],
    );
  });
});
