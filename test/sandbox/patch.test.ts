import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Api, type Body, deployment, home, startBench } from './kit.ts';

const { core, apps } = home('default');
const strategic = 'application/strategic-merge-patch+json';
const map = (data: Record<string, string>, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...(labels && { labels }) },
  data,
});
const apply = (api: Api, path: string, body: unknown, manager: string, force = false) =>
  api.patch(`${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, body, 'application/apply-patch+yaml');

test('a merge patch deletes with null, a JSON patch tests first', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, map({ a: '1', b: '2' }));
  const merged = await api.patch(`${core}/configmaps/a`, { data: { a: null, c: '3' } });
  assert.deepEqual(merged.body.data, { b: '2', c: '3' });
  const json = 'application/json-patch+json';
  const failed = await api.patch(`${core}/configmaps/a`, [{ op: 'test', path: '/data/b', value: 'x' }], json);
  assert.equal(failed.status, 422);
  const done = await api.patch(`${core}/configmaps/a`, [{ op: 'replace', path: '/data/b', value: 'x' }], json);
  assert.equal(done.body.data.b, 'x');
  assert.equal((await api.patch(`${core}/configmaps/a`, {}, 'application/json')).status, 415);
});

test('a strategic patch merges containers by name and keeps their order', async (t) => {
  const api = await startBench(t);
  await api.post(`${apps}/deployments`, deployment('web', { replicas: 0 }));
  const template = (containers: object[], rest = {}) => ({ spec: { template: { spec: { containers, ...rest } } } });
  const added = await api.patch(
    `${apps}/deployments/web`,
    template([{ name: 'side', image: 'nginx:1.29-alpine' }], {
      '$setElementOrder/containers': [{ name: 'side' }, { name: 'nginx' }],
    }),
    strategic,
  );
  const containers = (body: Body) =>
    body.spec.template.spec.containers.map(({ name, image }: Body) => `${name} ${image}`);
  assert.deepEqual(containers(added.body), ['side nginx:1.29-alpine', 'nginx nginx:1.28-alpine']);
  const removed = await api.patch(`${apps}/deployments/web`, template([{ name: 'side', $patch: 'delete' }]), strategic);
  assert.deepEqual(containers(removed.body), ['nginx nginx:1.28-alpine']);
  assert.equal(removed.body.metadata.generation, 3);
});

test('an apply creates, owns, and gives up what it no longer names', async (t) => {
  const api = await startBench(t);
  const path = `${core}/configmaps/a`;
  assert.equal((await apply(api, path, map({ a: '1', b: '2' }, { x: 'y' }), 'one')).status, 201);
  const less = await apply(api, path, map({ a: '1' }), 'one');
  assert.deepEqual(less.body.data, { a: '1' });
  assert.equal(less.body.metadata.labels, undefined);
  const same = await apply(api, path, map({ a: '1' }), 'one');
  assert.equal(same.body.metadata.resourceVersion, less.body.metadata.resourceVersion);
});

test('an apply conflicts with another owner of a field, and takes it by force', async (t) => {
  const api = await startBench(t);
  const path = `${core}/configmaps/a`;
  await apply(api, path, map({ a: '1' }), 'one');
  const refused = await apply(api, path, map({ a: '2', c: '3' }), 'two');
  assert.equal(refused.status, 409);
  assert.equal(refused.body.message, 'Apply failed with 1 conflict: conflict with "one": .data.a');
  assert.deepEqual(refused.body.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ]);
  const forced = await apply(api, path, map({ a: '2', c: '3' }), 'two', true);
  assert.deepEqual(forced.body.data, { a: '2', c: '3' });
  const owners = forced.body.metadata.managedFields.map(({ manager }: Body) => manager);
  assert.deepEqual(owners, ['two']);
});

test('a field shared by two owners stays until the last gives it up', async (t) => {
  const api = await startBench(t);
  const path = `${core}/configmaps/a`;
  await apply(api, path, map({ a: '1', b: '2' }), 'one');
  await apply(api, path, map({ a: '1' }), 'two');
  const first = await apply(api, path, map({}), 'one');
  assert.deepEqual(first.body.data, { a: '1' });
  const last = await apply(api, path, map({}), 'two');
  assert.equal(last.body.data, undefined);
});

test('an apply puts back the size that a scale changed', async (t) => {
  const api = await startBench(t);
  const path = `${apps}/deployments/web`;
  await apply(api, path, deployment('web', { replicas: 1 }), 'suite', true);
  const scaled = await api.patch(`${path}/scale?fieldManager=other`, { spec: { replicas: 0 } });
  assert.equal(scaled.body.kind, 'Scale');
  const refused = await apply(api, path, deployment('web', { replicas: 1 }), 'suite');
  assert.equal(refused.status, 409);
  assert.equal(refused.body.details.causes[0].field, '.spec.replicas');
  const back = await apply(api, path, deployment('web', { replicas: 1 }), 'suite', true);
  assert.equal(back.body.spec.replicas, 1);
});

test('an applied list item is found by its key and leaves the others alone', async (t) => {
  const api = await startBench(t);
  const path = `${apps}/deployments/web`;
  await api.post(`${apps}/deployments`, deployment('web', { replicas: 0 }));
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'nginx', env: [{ name: 'A', value: '1' }] }] } } },
  };
  const { body } = await apply(api, path, patch, 'env');
  const [container] = body.spec.template.spec.containers;
  assert.equal(container.image, 'nginx:1.28-alpine');
  assert.deepEqual(container.env, [{ name: 'A', value: '1' }]);
  const without = await apply(api, path, { ...patch, spec: {} }, 'env');
  assert.equal(without.body.spec.template.spec.containers[0].env, undefined);
});

test('says what is wrong with an apply', async (t) => {
  const api = await startBench(t);
  const path = `${core}/configmaps/a`;
  const nobody = await api.patch(path, map({}), 'application/apply-patch+yaml');
  assert.equal(nobody.status, 422);
  assert.match(nobody.body.message, /fieldManager: Required value: is required for apply patch/);
  const other = await apply(api, `${core}/configmaps/b`, map({}), 'one');
  assert.equal(other.body.message, 'the name of the object (a) does not match the name on the URL (b)');
});

test('reads YAML as well as JSON', async (t) => {
  const api = await startBench(t);
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n';
  const { body } = await apply(api, `${core}/configmaps/a`, yaml, 'one');
  assert.deepEqual(body.data, { k: 'v' });
});
