/** A list that is longer than what is read of it is never taken for the whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Front, type FrontRequest, findingsIn, openFront, type Passing } from '../front.ts';

/** The API server's nodes behind a thousand others; keeps to limits and names. */
async function amongMany(front: Front, { url, headers }: FrontRequest) {
  const { searchParams } = new URL(url, 'http://front');
  const { body } = await front.direct('GET', '/api/v1/nodes');
  const [like] = body.items;
  const others = Array.from({ length: 1_000 }, (_, index) => ({
    ...like,
    metadata: { ...like.metadata, name: `a-worker-${index}`, uid: `uid-${index}` },
  }));
  const named = /metadata\.name=(.+)/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
  const all = [...others, ...body.items].filter(({ metadata }: Passing) => !named || metadata.name === named);
  const limit = Number(searchParams.get('limit')) || all.length;
  const only = String(headers.accept).includes('PartialObjectMetadataList');
  const items = all.slice(0, limit).map((node) => (only ? { metadata: node.metadata } : node));
  const metadata = { resourceVersion: '1', ...(limit < all.length && { continue: 'more' }) };
  return { status: 200, body: { ...body, metadata, items } };
}

test('the nodes of the pods, and of the zones that lack one, are looked at however many others there are', async (t) => {
  const front = await openFront(t, {
    answer: (request) => (/^\/api\/v1\/nodes(\?|$)/.test(request.url) ? amongMany(front, request) : undefined),
    object(object) {
      // Nobody may go to node2 any more, and node2 is not Ready.
      if (object.kind === 'Node' && object.metadata.name === 'node2')
        for (const one of object.status.conditions) if (one.type === 'Ready') one.status = 'Unknown';
      return object;
    },
  });
  front.sandbox.faults.set('kubelet-down', { on: true, node: 'node2' });
  const result = await front.run('deployment', { eventTimeoutSeconds: 3 });
  const [finding] = findingsIn(result);
  const seen = finding?.evidence?.nodes.map(({ name }) => name) ?? [];
  assert.ok(
    ['node1', 'node2', 'node3'].every((name) => seen.includes(name)),
    seen.join(' ').slice(0, 300),
  );
  assert.deepEqual(finding?.evidence?.partial, ['list nodes']);
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['kubelet', 'node2']);
});

test('the one event that explains is found behind 1,500 older ones', async (t) => {
  const front = await openFront(t, {
    async answer({ method, url }) {
      const [, namespace] = (method === 'GET' && /namespaces\/([^/]+)\/events\?/.exec(url)) || [];
      if (!namespace) return undefined;
      const pods = (await front.direct('GET', `/api/v1/namespaces/${namespace}/pods`)).body.items;
      const at = new Date().toISOString();
      const event = (pod: string, reason: string, message: string, type: string) => ({
        metadata: { name: `${pod}.${reason}`, namespace },
        involvedObject: { kind: 'Pod', name: pod, namespace },
        ...{ reason, message, type, count: 1, firstTimestamp: at, lastTimestamp: at },
      });
      const older = Array.from({ length: 1_500 }, (_, index) => event(`a-pod-${index}`, 'Pulled', 'pulled', 'Normal'));
      const own = pods.map(({ metadata }: Passing) =>
        event(metadata.name, 'FailedMount', 'MountVolume.SetUp failed: configmap "page" not found', 'Warning'),
      );
      const limit = Number(new URL(url, 'http://front').searchParams.get('limit')) || Number.POSITIVE_INFINITY;
      const body = { kind: 'EventList', apiVersion: 'v1', metadata: {}, items: [...older, ...own].slice(0, limit) };
      return { status: 200, body };
    },
  });
  front.sandbox.faults.set('kubelet-slow', { on: true, seconds: 30 });
  const result = await front.run('deployment', { eventTimeoutSeconds: 2 });
  assert.equal(result.diagnosis?.rule, 'workload/misconfigured', result.diagnosis?.sentence);
  assert.match(result.diagnosis?.sentence ?? '', /configmap "page" not found/);
});
