/** Nothing that somebody sends ends the process, or is taken for what it is not. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/index.ts';
import { createTimers } from '../../sandbox/timers.ts';
import { deployment, home, startBench } from './kit.ts';

const { core, apps } = home('default');
const configMap = (name: string, fields: object = {}) => ({ metadata: { name }, ...fields });
const aPod = (spec: object) => ({ metadata: { name: 'a' }, spec });
const container = { name: 'web', image: 'nginx:1.28-alpine' };

test('a field of another type is 400, and named', async (t) => {
  const api = await startBench(t);
  const cases: [string, object, RegExp][] = [
    ['configmaps', { metadata: { name: 7 } }, /unmarshal number into Go struct field ConfigMap.metadata.name of type/],
    ['configmaps', { metadata: { name: 'a', labels: { a: 1 } } }, /metadata.labels of type map\[string\]string/],
    ['configmaps', { metadata: { name: 'a', labels: 'x' } }, /unmarshal string into .*metadata.labels/],
    ['configmaps', configMap('a', { data: 'x' }), /ConfigMap.data of type/],
    ['configmaps', { metadata: { name: 'a', ownerReferences: [null] } }, /metadata.ownerReferences/],
    ['pods', aPod({ containers: 'x' }), /Pod.spec.containers/],
    ['pods', aPod({ containers: [null] }), /Pod.spec.containers/],
    ['pods', aPod({ containers: [container], tolerations: [null] }), /Pod.spec.tolerations/],
  ];
  for (const [plural, body, words] of cases) {
    const { status, body: reply } = await api.post(`${core}/${plural}`, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(reply.message, words);
  }
  for (const replicas of [1.5, '3', 2 ** 40]) {
    const wanted = deployment('web', {});
    wanted.spec.replicas = replicas as number;
    assert.equal((await api.post(`${apps}/deployments`, wanted)).status, 400, String(replicas));
  }
});

test('what is missing or not allowed is 422, and named', async (t) => {
  const api = await startBench(t);
  const mounted = { ...container, volumeMounts: [{ name: 'v' }] };
  const volumes = [{ name: 'v', emptyDir: {} }];
  const cases: [string, object, RegExp][] = [
    ['pods', aPod({ containers: [{ name: 'web' }] }), /spec.containers\[0\].image: Required value/],
    ['pods', aPod({ containers: [mounted], volumes }), /volumeMounts\[0\].mountPath: Required value/],
    [
      'configmaps',
      { metadata: { name: 'a', labels: { 'bad key!': 'x' } } },
      /metadata.labels: Invalid value: "bad key!"/,
    ],
    ['configmaps', configMap('a', { data: { a: 'x'.repeat(1_048_577) } }), /Too long: must have at most 1048576 bytes/],
  ];
  for (const [plural, body, words] of cases) {
    const { status, body: reply } = await api.post(`${core}/${plural}`, body);
    assert.equal(status, 422, JSON.stringify(body).slice(0, 200));
    assert.match(reply.message, words);
  }
});

test('requests that cannot be read are 400, never a defect of ours', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('a'));
  const patch = (type: string, body: string) =>
    api.call('PATCH', `${core}/configmaps/a?fieldManager=x`, { headers: { 'Content-Type': type }, body });
  assert.equal((await api.get(`${core}/pods/%zz`)).status, 400);
  assert.equal((await patch('application/strategic-merge-patch+json', 'null')).status, 400);
  assert.equal((await patch('application/merge-patch+json', '[1]')).status, 400);
  assert.equal((await patch('application/apply-patch+yaml', 'a: [')).status, 400);
});

test('an immutable ConfigMap keeps its data, a Secret takes text, and default stays', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('fixed', { immutable: true, data: { a: '1' } }));
  const changed = await api.put(`${core}/configmaps/fixed`, configMap('fixed', { immutable: true, data: { a: '2' } }));
  assert.equal(changed.status, 422);
  assert.match(changed.body.message, /data: Forbidden: field is immutable when `immutable` is set/);
  const { body } = await api.post(`${core}/secrets`, { metadata: { name: 's' }, stringData: { word: 'open' } });
  assert.deepEqual([body.data, body.stringData], [{ word: Buffer.from('open').toString('base64') }, undefined]);
  const gone = await api.call('DELETE', '/api/v1/namespaces/default');
  assert.equal(gone.status, 403);
  assert.equal(gone.body.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
});

test('a dry run asked for in the body deletes nothing', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap('stays'));
  const options = (dryRun: string) => ({
    body: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', dryRun: [dryRun] }),
  });
  assert.equal((await api.call('DELETE', `${core}/configmaps`, options('All'))).status, 200);
  assert.equal((await api.call('DELETE', `${core}/configmaps/stays`, options('Some'))).status, 422);
  assert.equal((await api.get(`${core}/configmaps/stays`)).status, 200);
});

test('what the API server refuses a controller does not end it', async (t) => {
  const api = await startBench(t);
  const quota = { metadata: { name: 'tight' }, spec: { hard: { 'count/configmaps': '0', 'count/endpoints': '0' } } };
  await api.post(`${core}/resourcequotas`, quota);
  await api.call('DELETE', `${core}/configmaps/kube-root-ca.crt`);
  await api.post(`${core}/services`, {
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }], selector: { app: 'a' } },
  });
  await api.post('/api/v1/namespaces', { metadata: { name: 'later' } });
  while ((await api.get('/api/v1/namespaces/later/configmaps/kube-root-ca.crt')).status !== 200) await pause(10);
  // Tried again: it is there once it may be.
  await api.call('DELETE', `${core}/resourcequotas/tight`);
  while ((await api.get(`${core}/configmaps/kube-root-ca.crt`)).status !== 200) await pause(10);
  while ((await api.get(`${core}/endpoints/web`)).status !== 200) await pause(10);
});

test('a node without a free address keeps its pods waiting, and everybody else served', async (t) => {
  const api = await startBench(t);
  const pods = Array.from({ length: 256 }, (_, n) => ({
    metadata: { name: `p-${n}` },
    spec: { nodeName: 'node1', containers: [container] },
  }));
  await Promise.all(pods.map((pod) => api.post(`${core}/pods`, pod)));
  const waits = async () => {
    const { body } = await api.get(`${core}/events`);
    return body.items.some(({ message }: { message: string }) =>
      message.includes('no IP addresses available in range'),
    );
  };
  while (!(await waits())) await pause(20);
});

test('a delay that is longer than a timer may be is not over at once', (t) => {
  const timers = createTimers();
  t.after(() => timers.close());
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ran = false;
  timers.after(2 ** 31, () => {
    ran = true;
  });
  t.mock.timers.tick(1000);
  assert.equal(ran, false);
});

test('the admin port survives a caller without the token, and one who goes away', async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.close());
  const { hostname, port } = new URL(sandbox.admin.url);
  const socket = connect(Number(port), hostname);
  socket.write('PUT /faults/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  const headers = { authorization: `Bearer ${sandbox.admin.token}` };
  const early = connect(Number(port), hostname);
  early.end(
    `PUT /faults/x HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers.authorization}\r\nContent-Length: 100\r\n\r\n{}`,
  );
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path: '//', headers }, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 404);
});

test('an option that makes no sense is refused with what is allowed', async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.close());
  const cases: [string, Record<string, string | number>, RegExp][] = [
    ['kubelet-down', { node: 'node9' }, /one of node1, node2, node3, not node9/],
    ['service-proxy-down', { mode: 'bogus' }, /refuse or timeout/],
    ['quota-exhausted', { resource: 'bogus' }, /one of .*pods/],
    ['api-500', { share: 7 }, /from 0 to 1, not 7/],
    ['api-down', { seconds: -1 }, /from 0 to 86400/],
  ];
  for (const [name, options, words] of cases) {
    assert.throws(() => sandbox.faults.set(name, options), words);
    assert.equal(sandbox.faults.list().find((fault) => fault.name === name)?.on, false);
  }
});
