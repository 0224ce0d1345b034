import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployment, home, startBench } from './kit.ts';

const { core, apps, leases } = home('default');
const configMap = (name: string, data: Record<string, string> = {}, meta = {}) => ({
  metadata: { name, ...meta },
  data,
});

test('answers only to its token, with the words of a real server', async (t) => {
  const api = await startBench(t);
  const { status, body } = await api.call('GET', '/api/v1/nodes', { headers: { Authorization: 'Bearer wrong' } });
  assert.equal(status, 401);
  assert.deepEqual(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
});

test('says 404 for what it does not serve, never 200', async (t) => {
  const api = await startBench(t);
  for (const path of [
    '/apis/autoscaling/v1/horizontalpodautoscalers',
    '/apis/apps/v1/controllerrevisions',
    '/api/v1/replicationcontrollers',
    '/nope',
  ]) {
    assert.equal((await api.get(path)).status, 404, path);
  }
  assert.equal((await api.get(`${core}/configmaps/kube-root-ca.crt/status`)).status, 404);
});

test('makes a name from generateName and keeps a dry run out of the store', async (t) => {
  const api = await startBench(t);
  const made = await api.post(`${core}/configmaps`, { metadata: { generateName: 'a-' } });
  assert.match(made.body.metadata.name, /^a-[a-z0-9]{5}$/);
  const dry = await api.post(`${core}/configmaps?dryRun=All`, configMap('dry'));
  assert.equal(dry.status, 201);
  assert.equal((await api.get(`${core}/configmaps/dry`)).status, 404);
});

test('refuses a replacement of another version or another object', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${core}/configmaps`, configMap('a'));
  const stale = await api.put(`${core}/configmaps/a`, configMap('a', {}, { resourceVersion: '1' }));
  assert.equal(stale.status, 409);
  assert.equal(stale.body.reason, 'Conflict');
  const other = await api.put(`${core}/configmaps/a`, configMap('a', {}, { uid: 'x' }));
  assert.match(other.body.message, new RegExp(`UID in object meta: ${body.metadata.uid}`));
  const right = await api.put(
    `${core}/configmaps/a`,
    configMap('a', { k: 'v' }, { resourceVersion: body.metadata.resourceVersion }),
  );
  assert.equal(right.status, 200);
  assert.deepEqual(right.body.data, { k: 'v' });
});

test('an update that changes nothing keeps the version', async (t) => {
  const api = await startBench(t);
  const first = await api.post(`${core}/configmaps`, configMap('a', { k: 'v' }));
  const again = await api.patch(`${core}/configmaps/a`, { data: { k: 'v' } });
  assert.equal(again.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
});

test('leases need the version they replace, and exactly one of two takers gets it', async (t) => {
  const api = await startBench(t);
  const lease = (holder: string, meta = {}) => ({
    metadata: { name: 'l', ...meta },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15 },
  });
  const { body } = await api.post(leases, lease('a'));
  assert.equal((await api.put(`${leases}/l`, lease('b'))).status, 422);
  const { resourceVersion } = body.metadata;
  const takers = await Promise.all(
    ['b', 'c'].map((holder) => api.put(`${leases}/l`, lease(holder, { resourceVersion }))),
  );
  assert.deepEqual(takers.map(({ status }) => status).sort(), [200, 409]);
});

test('deletes only what the preconditions name', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${core}/configmaps`, configMap('a'));
  const { uid, resourceVersion } = body.metadata;
  const wrong = await api.remove(`${core}/configmaps/a`, { preconditions: { uid: 'x' } });
  assert.equal(wrong.status, 409);
  assert.match(wrong.body.message, /the UID in the precondition \(x\) does not match the UID in record/);
  const right = await api.remove(`${core}/configmaps/a`, { preconditions: { uid, resourceVersion } });
  assert.deepEqual(right.body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid },
  });
});

test('an immutable ConfigMap keeps what it holds', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, { ...configMap('a', { k: 'v' }), immutable: true });
  const { status, body } = await api.patch(`${core}/configmaps/a`, { data: { k: 'w' } });
  assert.equal(status, 422);
  assert.match(body.message, /data: Forbidden: field is immutable when `immutable` is set/);
  assert.equal((await api.patch(`${core}/configmaps/a`, { immutable: null })).status, 422);
  assert.equal((await api.patch(`${core}/configmaps/a`, { metadata: { labels: { a: 'b' } } })).status, 200);
});

test('a Secret holds bytes: its texts are encoded, and data that is no base64 is refused', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${core}/secrets`, { metadata: { name: 's' }, stringData: { k: 'v' } });
  assert.deepEqual([body.data, body.stringData], [{ k: 'dg==' }, undefined]);
  assert.equal((await api.post(`${core}/secrets`, { metadata: { name: 'b' }, data: { k: 'no' } })).status, 400);
});

test('a ConfigMap holds a mebibyte at most', async (t) => {
  const api = await startBench(t);
  const { status, body } = await api.post(`${core}/configmaps`, configMap('a', { k: 'x'.repeat(1_048_577) }));
  assert.equal(status, 422);
  assert.match(body.message, /Too long: must have at most 1048576 bytes/);
});

test('the first namespaces stay', async (t) => {
  const api = await startBench(t);
  for (const name of ['default', 'kube-system', 'kube-public']) {
    const { status, body } = await api.remove(`/api/v1/namespaces/${name}`);
    assert.equal(status, 403);
    assert.match(body.message, /this namespace may not be deleted/);
  }
});

test('a dry run deletes nothing, wherever it is said', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('a'));
  const dry = { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] };
  for (const path of ['configmaps', 'configmaps/a']) {
    assert.equal((await api.remove(`${core}/${path}`, dry)).status, 200);
    assert.equal((await api.remove(`${core}/${path}`, { dryRun: ['Foo'] })).status, 422);
    assert.equal((await api.remove(`${core}/${path}`, { dryRun: 'All' })).status, 400);
    assert.equal((await api.remove(`${core}/${path}?gracePeriodSeconds=soon`)).status, 400);
  }
  assert.equal((await api.get(`${core}/configmaps/a`)).status, 200);
});

test('a finalizer holds a deleted object until it is taken away', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('a', {}, { finalizers: ['example.com/hold'] }));
  const deleted = await api.remove(`${core}/configmaps/a`);
  assert.ok(deleted.body.metadata.deletionTimestamp);
  await api.patch(`${core}/configmaps/a`, { metadata: { finalizers: null } });
  assert.equal((await api.get(`${core}/configmaps/a`)).status, 404);
});

test('pages a list consistently while objects come and go', async (t) => {
  const api = await startBench(t);
  for (const name of ['a', 'b', 'c', 'd'])
    await api.post(`${core}/configmaps`, configMap(name, {}, { labels: { page: 'yes' } }));
  const path = `${core}/configmaps?labelSelector=page%3Dyes&limit=2`;
  const first = await api.get(path);
  assert.deepEqual(
    first.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['a', 'b'],
  );
  await api.remove(`${core}/configmaps/c`);
  await api.post(`${core}/configmaps`, configMap('e', {}, { labels: { page: 'yes' } }));
  const second = await api.get(`${path}&continue=${first.body.metadata.continue}`);
  assert.deepEqual(
    second.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['c', 'd'],
  );
  assert.equal(second.body.metadata.continue, undefined);
});

test('selects by labels and fields, and says what it cannot read', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('a', {}, { labels: { tier: 'web', env: 'x' } }));
  await api.post(`${core}/configmaps`, configMap('b', {}, { labels: { tier: 'db' } }));
  const names = async (query: string) => {
    const { body } = await api.get(`${core}/configmaps?${query}`);
    return body.items
      .map((item: { metadata: { name: string } }) => item.metadata.name)
      .filter((name: string) => name.length === 1);
  };
  assert.deepEqual(await names(`labelSelector=${encodeURIComponent('tier in (web,x),env')}`), ['a']);
  assert.deepEqual(await names(`labelSelector=${encodeURIComponent('tier,!env')}`), ['b']);
  assert.deepEqual(await names(`labelSelector=${encodeURIComponent('tier!=web')}`), ['b']);
  assert.deepEqual(await names('fieldSelector=metadata.name%3Da'), ['a']);
  const bad = await api.get(`${core}/pods?fieldSelector=spec.nope%3D1`);
  assert.equal(bad.status, 400);
  assert.equal(bad.body.message, 'field label not supported: spec.nope');
});

test('sends metadata alone, and tables, to those who ask', async (t) => {
  const api = await startBench(t);
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const partial = await api.call('GET', '/api/v1/nodes', { accept });
  assert.equal(partial.body.kind, 'PartialObjectMetadataList');
  assert.deepEqual(Object.keys(partial.body.items[0]).sort(), ['apiVersion', 'kind', 'metadata']);
  assert.equal(partial.body.items[0].metadata.labels['topology.kubernetes.io/zone'], 'zone-1');
  const table = await api.call('GET', '/api/v1/nodes', { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
  assert.deepEqual(table.body.rows[0].cells.slice(0, 2), ['node1', 'Ready']);
});

test('watches go on from a version, follow selectors, and end when asked', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${core}/configmaps`, configMap('a', {}, { labels: { in: 'yes' } }));
  await api.patch(`${core}/configmaps/a`, { data: { k: '1' } });
  await api.patch(`${core}/configmaps/a`, { metadata: { labels: { in: null } } });
  await api.patch(`${core}/configmaps/a`, { metadata: { labels: { in: 'yes' } } });
  await api.remove(`${core}/configmaps/a`);
  const query = `labelSelector=in&resourceVersion=${body.metadata.resourceVersion}&timeoutSeconds=1`;
  const seen: string[] = [];
  for await (const { type } of api.watch(`${core}/configmaps?${query}`)) seen.push(type);
  assert.deepEqual(seen, ['MODIFIED', 'DELETED', 'ADDED', 'DELETED']);
});

test('a watch from a forgotten version ends in 410, in the stream', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${core}/configmaps`, configMap('a'));
  await api.patch(`${core}/configmaps/a`, { data: { k: '1' } });
  api.sandbox.compact();
  const events = [];
  for await (const event of api.watch(`${core}/configmaps?resourceVersion=${body.metadata.resourceVersion}`))
    events.push(event);
  assert.equal(events.length, 1);
  assert.equal(events[0]?.type, 'ERROR');
  assert.equal(events[0]?.object.code, 410);
  assert.equal(events[0]?.object.reason, 'Expired');
});

test('bookmarks come to those who asked for them', async (t) => {
  const api = await startBench(t, { timing: { bookmarkMs: 20 } });
  const { body } = await api.get(`${core}/configmaps`);
  const path = `${core}/configmaps?allowWatchBookmarks=true&resourceVersion=${body.metadata.resourceVersion}`;
  for await (const { type, object } of api.watch(path)) {
    assert.equal(type, 'BOOKMARK');
    assert.ok(Number(object.metadata.resourceVersion) >= Number(body.metadata.resourceVersion));
    break;
  }
});

test('a watch from no version begins with what there is, closed by the bookmark of an initial list', async (t) => {
  const api = await startBench(t);
  const seen: string[] = [];
  const path = '/api/v1/nodes?sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  for await (const { type, object } of api.watch(path)) {
    seen.push(type);
    if (object.metadata.annotations?.['k8s.io/initial-events-end']) break;
  }
  assert.deepEqual(seen, ['ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
});

test('refuses what is invalid with a cause for each field', async (t) => {
  const api = await startBench(t);
  const bad = deployment('web', { replicas: -1 });
  bad.spec.template.metadata.labels = { app: 'other' };
  const { status, body } = await api.post(`${apps}/deployments`, bad);
  assert.equal(status, 422);
  assert.deepEqual(
    body.details.causes.map(({ field, reason }: { field: string; reason: string }) => [field, reason]),
    [
      ['spec.replicas', 'FieldValueInvalid'],
      ['spec.template.metadata.labels', 'FieldValueInvalid'],
    ],
  );
});

test('a quota refuses what exceeds it and counts what is used', async (t) => {
  const api = await startBench(t);
  await api.post('/api/v1/namespaces', { metadata: { name: 'q' } });
  const space = '/api/v1/namespaces/q';
  await api.post(`${space}/resourcequotas`, { metadata: { name: 'rq' }, spec: { hard: { services: '1', pods: '1' } } });
  const one = { metadata: { name: 'one' }, spec: { ports: [{ port: 80 }] } };
  assert.equal((await api.post(`${space}/services`, one)).status, 201);
  const over = await api.post(`${space}/services`, { ...one, metadata: { name: 'two' } });
  assert.equal(over.status, 403);
  assert.equal(
    over.body.message,
    'services "two" is forbidden: exceeded quota: rq, requested: services=1, used: services=1, limited: services=1',
  );
  await api.until(`${space}/resourcequotas`, ([quota]) => quota?.status?.used?.services === '1');
});

test('creates nothing in a namespace that ends', async (t) => {
  const api = await startBench(t, { timing: { namespaceMs: 60_000 } });
  await api.post('/api/v1/namespaces', { metadata: { name: 'end' } });
  const deleted = await api.remove('/api/v1/namespaces/end');
  assert.equal(deleted.body.status.phase, 'Terminating');
  const { status, body } = await api.post('/api/v1/namespaces/end/configmaps', configMap('a'));
  assert.equal(status, 403);
  assert.equal(body.details.causes[0].reason, 'NamespaceTerminating');
});
