/** Where the cluster has no place for every test pod as people set it up: errored, with the setting to change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Front, findingsIn, openFront } from '../front.ts';

const merge = 'application/merge-patch+json';

async function taint(front: Front, ...nodes: readonly string[]): Promise<void> {
  const spec = { taints: [{ key: 'dedicated', value: 'apps', effect: 'NoSchedule' }] };
  for (const node of nodes) await front.direct('PATCH', `/api/v1/nodes/${node}`, { spec }, merge);
}

for (const [what, sandbox, said] of [
  ['one node', { nodes: 1, zones: 1 }, /has 1 place \(.*\) for them; add nodes, or TEST_REPLICAS=1$/],
  [
    'four nodes in two zones',
    { nodes: 4, zones: 2 },
    /has 2 places \(.*\) for them; .*ANTI_AFFINITY_KEY.*, or TEST_REPLICAS=2$/,
  ],
] as const) {
  for (const suite of ['deployment', 'http'] as const) {
    test(`${what} for three spread pods is errored: ${suite}`, async (t) => {
      const front = await openFront(t, { sandbox });
      const result = await front.run(suite, { eventTimeoutSeconds: 1 });
      const [finding] = findingsIn(result);
      assert.equal(result.status, 'errored', finding?.message);
      assert.equal(finding?.code, 'k8s.prerequisite_missing');
      assert.match(finding.message, said);
      assert.equal(result.diagnosis?.component, 'setup');
    });
  }
}

test('one node without a zone label is no place for three pods either', async (t) => {
  const front = await openFront(t, { sandbox: { nodes: 1, zones: 1 } });
  front.sandbox.faults.set('nodes-without-zone', { on: true });
  const result = await front.run('deployment');
  assert.equal(result.status, 'errored');
  assert.match(findingsIn(result)[0]?.message ?? '', /this cluster of 1 node has 1 place for them/);
});

test('nodes that people tainted are errored, with the taint to tolerate', async (t) => {
  const front = await openFront(t);
  await taint(front, 'node1', 'node2', 'node3');
  const result = await front.run('deployment', { eventTimeoutSeconds: 1 });
  const [finding] = findingsIn(result);
  assert.equal(result.status, 'errored', finding?.message);
  assert.match(finding?.message ?? '', /3 tainted \(dedicated=apps:NoSchedule\): set TEST_TOLERATIONS/);
  const tolerant = { env: { TEST_TOLERATIONS: 'dedicated=apps:NoSchedule' }, prefix: 'tolerant' };
  assert.equal((await front.run('deployment', tolerant)).status, 'passed');
});

test('a node that is not Ready is the fault of the cluster, whatever is tainted beside it', async (t) => {
  const front = await openFront(t, { sandbox: { nodes: 4, zones: 4 } });
  await taint(front, 'node4');
  await front.direct(
    'PATCH',
    '/api/v1/nodes/node3',
    { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] } },
    merge,
  );
  const result = await front.run('deployment', { eventTimeoutSeconds: 1 });
  assert.equal(result.status, 'failed', findingsIn(result)[0]?.message);
});

test('a node selector that no node has is errored', async (t) => {
  const front = await openFront(t);
  const result = await front.run('deployment', {
    eventTimeoutSeconds: 1,
    env: { TEST_NODE_SELECTOR: '{"pool": "apps"}' },
  });
  assert.equal(result.status, 'errored');
  assert.match(
    findingsIn(result)[0]?.message ?? '',
    /3 without the labels kubernetes.io\/os=linux, pool=apps: look at TEST_NODE_SELECTOR/,
  );
});

test('where an autoscaler is adding a node, too few places are no matter of settings', async (t) => {
  const front = await openFront(t, { sandbox: { nodes: 2, zones: 2 } });
  front.hooks = {
    async answer({ method, url }) {
      const namespace = method === 'GET' && /namespaces\/([^/]+)\/events\?/.exec(url)?.[1];
      if (!namespace) return undefined;
      const pods = (await front.direct('GET', `/api/v1/namespaces/${namespace}/pods`)).body.items;
      const at = new Date().toISOString();
      const items = pods.map(({ metadata: { name } }: { metadata: { name: string } }) => ({
        metadata: { name: `${name}.1`, namespace },
        involvedObject: { kind: 'Pod', name, namespace },
        ...{ reason: 'TriggeredScaleUp', type: 'Normal', count: 1, firstTimestamp: at, lastTimestamp: at },
        message: 'pod triggered scale-up: [{pool-c 0->1 (max: 5)}]',
      }));
      return { status: 200, body: { kind: 'EventList', apiVersion: 'v1', metadata: {}, items } };
    },
  };
  const result = await front.run('deployment', { eventTimeoutSeconds: 1 });
  assert.equal(result.status, 'failed');
  assert.equal(result.diagnosis?.component, 'capacity');
  assert.match(result.diagnosis?.sentence ?? '', /scale-up|being added/);
});

test('a process that may not list nodes counts none', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('forbidden', { on: true, verb: 'list', resource: 'nodes', namespace: '*' });
  assert.equal((await front.run('http')).status, 'passed');
});

test('TEST_LABELS are on everything that is made', async (t) => {
  const made = new Map<string, boolean>();
  const front = await openFront(t, {
    answer({ method, body }) {
      const isMade = method === 'POST' || (method === 'PATCH' && body?.metadata?.name);
      if (isMade && body?.kind) made.set(body.kind, body.metadata.labels?.owner === 'platform');
      if (body?.kind === 'Deployment') made.set('Pod', body.spec.template.metadata.labels.owner === 'platform');
      return undefined;
    },
  });
  const drive = await front.drive({ env: { TEST_LABELS: '{"owner": "platform"}', IMAGE_PULL_POLICY: 'Always' } });
  for (const suite of ['deployment', 'http', 'namespace']) {
    assert.equal((await drive.runOne(drive.suite(suite))).status, 'passed');
  }
  const kinds = ['ConfigMap', 'Deployment', 'Lease', 'Namespace', 'Pod', 'Service'];
  assert.deepEqual(
    [...made].sort(),
    kinds.map((kind) => [kind, true]),
  );
});

test('pods that share a zone are the doing of the scheduler, however few zones there are', async (t) => {
  const front = await openFront(t, { sandbox: { nodes: 9, zones: 3 } });
  front.sandbox.faults.set('pods-in-one-zone', { on: true });
  const result = await front.run('deployment', { eventTimeoutSeconds: 6 });
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['failed', 'k8s.same_data_centre'], finding?.message);
});
