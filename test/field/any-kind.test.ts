/** A suite with a kind that the product knows nothing of: made, waited for, seen with its pods, gone; and only what it declares. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condition, configMap, deployment, keeps, kindOf, makes, object, pods, service } from '../../runtime/index.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { findingsIn, openFront } from '../front.ts';

const workload = kindOf({ apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets' });
const labels = { app: 'any' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.28-alpine' }] } };
const replicas = object({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'any' },
  spec: { replicas: 2, selector: { matchLabels: labels }, template },
});

const suiteOf = (uses: Suite['uses'], run: Suite['run']) => ({ steps: ['One'], uses, run });

test('an object of any kind is made, found, its pods seen, and it goes with them', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  const result = await drive.runOne({
    ...drive.suite('service'),
    ...suiteOf([makes(workload)], (t) =>
      t.step('One', async () => {
        const made = await t.use(replicas);
        await made.exists();
        const its = t.find(pods(labels));
        assert.equal((await its.ready(2)).length, 2);
        assert.equal((await its.logs(await its.list())).size, 2);
        await made.delete();
        await made.isGone();
        await its.gone();
      }),
    ),
  });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a condition that never comes is told in the words of the object', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 1 });
  const result = await drive.runOne({
    ...drive.suite('service'),
    ...suiteOf([makes(workload)], (t) =>
      t.step('One', async () => (await t.use(replicas)).until(condition('Available'))),
    ),
  });
  const [finding] = findingsIn(result);
  assert.equal(finding?.code, 'timeout.events');
  assert.match(
    finding?.message ?? '',
    /replicaset\/any: expected that condition Available is True, after .* no condition Available/,
  );
});

for (const [what, uses, run, says] of [
  ['a kind', [makes(configMap)], (t) => t.step('One', () => t.ensure(service())), /a Service .*: add keeps\(service\)/],
  ['a kind without a room', [], (t) => t.step('One', () => t.use(replicas)), /This needs the cluster/],
  [
    'another kind without a room',
    [makes(configMap)],
    (t) => t.step('One', () => t.use(replicas)),
    /ReplicaSet .*kindOf/,
  ],
  ['to keep it', [makes(configMap)], (t) => t.step('One', () => t.ensure(configMap())), /add keeps\(configMap\)/],
  [
    'a scale',
    [keeps(configMap), keeps(deployment)],
    (t) =>
      t.step('One', async () => {
        await t.ensure(configMap());
        await (await t.ensure(deployment())).scale(0);
      }),
    /a Deployment .*: add keeps\(deployment, 'scale'\)/,
  ],
] as readonly (readonly [string, Suite['uses'], Suite['run'], RegExp])[]) {
  test(`${what} that a suite does not declare is a defect of the suite, and not made`, async (t) => {
    const front = await openFront(t);
    const drive = await front.drive();
    const result = await drive.runOne({ ...drive.suite('service'), ...suiteOf(uses, run) });
    const [finding] = findingsIn(result);
    assert.deepEqual([result.status, finding?.code], ['errored', 'run.defect'], finding?.message);
    assert.match(finding?.message ?? '', says);
  });
}

test('a deployment has the replicas, volumes and probes that its suite asks for', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  const asked = deployment({
    replicas: 1,
    volumes: [{ volume: { name: 'more', configMap: { name: 'kubee2etestapp' } }, mountPath: '/more', readOnly: true }],
    probes: { liveness: { httpGet: { path: '/healthz', port: 8080 as never } } },
  });
  const result = await drive.runOne({
    ...drive.suite('deployment'),
    ...suiteOf([makes(configMap), makes(deployment)], (t) =>
      t.step('One', async () => {
        await t.use(configMap());
        assert.equal((await (await t.use(asked)).podsReady()).length, 1);
      }),
    ),
  });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  const posted = front.requests.find(({ method, url }) => method === 'POST' && url.includes('/deployments'))?.body;
  const [container] = posted.spec.template.spec.containers;
  assert.equal(posted.spec.replicas, 1);
  assert.deepEqual(container.volumeMounts.at(-1), { name: 'more', mountPath: '/more', readOnly: true });
  assert.equal(container.livenessProbe.httpGet.path, '/healthz');
  assert.equal(container.readinessProbe.httpGet.path, '/healthz');
});

test('an API that is not served is told as that, and not as a missing namespace', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 1 });
  const budget = object({ apiVersion: 'policy/v9', kind: 'Budget', metadata: { name: 'any' } });
  const kind = kindOf({ apiVersion: 'policy/v9', kind: 'Budget', plural: 'budgets' });
  const result = await drive.runOne({
    ...drive.suite('service'),
    ...suiteOf([makes(kind)], (t) => t.step('One', async () => void (await t.use(budget)))),
  });
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['errored', 'k8s.prerequisite_missing'], finding?.message);
  assert.match(finding?.message ?? '', /does not serve budgets of policy\/v9/);
});
