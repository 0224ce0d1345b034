import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Body, eventually, home, isReady, service, startBench } from './kit.ts';

const { core, slices } = home('default');
const nginx = 'nginx:1.29-alpine';
const pod = (name: string, spec: object = {}, container: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'a', image: nginx, ...container }], ...spec },
});
const named = (name: string) => (items: Body[]) => items.some(({ metadata }) => metadata.name === name);

test('what a controller may not create it tries again, and meanwhile the others work', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 5 } });
  for (const resource of ['configmaps', 'serviceaccounts']) {
    api.sandbox.faults.set('quota-exhausted', { resource });
    const name = `no-${resource}`;
    await api.post('/api/v1/namespaces', { metadata: { name } });
    await api.post(`${core}/pods`, pod(name));
    await api.until(`${core}/pods`, (pods) => pods.some((one) => one.metadata.name === name && isReady(one)));
    api.sandbox.faults.set('quota-exhausted', false);
    await api.until(`/api/v1/namespaces/${name}/configmaps`, named('kube-root-ca.crt'));
    await api.until(`/api/v1/namespaces/${name}/serviceaccounts`, named('default'));
  }
});

test('a quota that leaves the controllers no room holds them up until it is gone', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 5 } });
  const hard = { configmaps: '0', endpoints: '0', 'count/endpointslices.discovery.k8s.io': '0' };
  await api.post(`${core}/resourcequotas`, { metadata: { name: 'none' }, spec: { hard } });
  await api.remove(`${core}/configmaps/kube-root-ca.crt`);
  await api.post(`${core}/services`, service());
  await api.post(`${core}/pods`, pod('a'));
  await api.until(`${core}/pods`, (pods) => pods.some(isReady));
  await api.remove(`${core}/resourcequotas/none`);
  await api.until(`${core}/configmaps`, named('kube-root-ca.crt'));
  await api.until(`${core}/endpoints`, named('web'));
  await api.until(slices, (items) => items.length > 0);
});

test('a claim whose status was lost is bound again to its volume', async (t) => {
  const api = await startBench(t);
  const claims = `${core}/persistentvolumeclaims`;
  const isBound = ([claim]: Body[]) => claim?.status.phase === 'Bound';
  await api.post(claims, { metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'] } });
  await api.until(claims, isBound);
  await api.patch(`${claims}/c/status`, { status: { phase: 'Pending' } });
  await api.until(claims, isBound);
});

test('a node without a status takes no pods and harms nobody', async (t) => {
  const api = await startBench(t, { timing: { nodeGraceMs: 10 } });
  assert.equal((await api.patch('/api/v1/nodes/node1/status', { status: null })).status, 200);
  api.sandbox.faults.set('kubelet-down', { node: 'node1' });
  await api.post(`${core}/pods`, pod('a'));
  await api.until(`${core}/pods`, (pods) => pods.some(isReady));
});

test('pods beyond the room of a node are refused by its kubelet', async (t) => {
  const api = await startBench(t);
  const names = Array.from({ length: 256 }, (_, index) => `p${index}`);
  await Promise.all(names.map((name) => api.post(`${core}/pods`, pod(name, { nodeName: 'node1' }))));
  const ended = (pods: Body[]) => pods.filter(({ status }) => status.phase === 'Failed');
  const pods = await api.until(`${core}/pods`, (all) => ended(all).length === 146);
  const [{ status }] = ended(pods);
  assert.equal(status.reason, 'OutOfpods');
  assert.match(status.message, /^Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110$/);
});

test('a pod for a node that does not exist never starts', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/pods`, pod('lost', { nodeName: 'nope' }));
  await api.post(`${core}/pods`, pod('a'));
  await api.until(`${core}/pods`, (pods) => pods.some(isReady));
  assert.equal((await api.get(`${core}/pods/lost`)).body.status.phase, 'Pending');
  assert.equal((await api.remove(`${core}/pods/lost`)).status, 200);
  await api.until(`${core}/pods`, (pods) => pods.length === 1);
});

test('a node that takes more pods than it has addresses lets them wait', async (t) => {
  const api = await startBench(t);
  await api.patch('/api/v1/nodes/node1/status', { status: { allocatable: { pods: '300' } } });
  const names = Array.from({ length: 254 }, (_, index) => `p${index}`);
  await Promise.all(names.map((name) => api.post(`${core}/pods`, pod(name, { nodeName: 'node1' }))));
  await api.until(`${core}/events`, (events) => events.some(({ reason }) => reason === 'FailedCreatePodSandBox'));
});

test('an API server whose port was taken meanwhile comes back when it is free', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 5 } });
  const port = Number(/server: https:\/\/127\.0\.0\.1:(\d+)/.exec(api.sandbox.kubeconfig)![1]);
  api.sandbox.faults.set('api-down', true);
  const squatter = createServer((socket) => socket.on('error', () => {}).end('mine'));
  await eventually(() => once(squatter.listen(port, '127.0.0.1'), 'listening'));
  api.sandbox.faults.set('api-down', false);
  assert.equal(await text(connect(port, '127.0.0.1')), 'mine');
  squatter.close();
  await eventually(async () => assert.equal((await api.get(`${core}/pods`)).status, 200));
});

test('a crashed container has a log, now and as the previous one', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 5 } });
  api.sandbox.faults.set('crash-loop', true);
  await api.post(`${core}/pods`, pod('a'));
  await api.until(`${core}/pods`, ([one]) => one?.status.containerStatuses?.[0].lastState.terminated);
  for (const query of ['', '?previous=true']) {
    const { status, body } = await api.get(`${core}/pods/a/log${query}`);
    assert.equal(status, 200);
    assert.match(body, /nginx: \[emerg\]/);
  }
  for (const [query, code] of [
    ['tailLines=-1', 422],
    ['limitBytes=-5', 422],
    ['tailLines=abc', 400],
  ] as const) {
    assert.equal((await api.get(`${core}/pods/a/log?${query}`)).status, code, query);
  }
});

test('the log of a container without its image says so', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 60_000 } });
  await api.post(`${core}/pods`, pod('a', {}, { image: 'nope' }));
  await api.until(
    `${core}/pods`,
    ([one]) => one.status.containerStatuses?.[0].state.waiting?.reason === 'ErrImagePull',
  );
  const { body } = await api.get(`${core}/pods/a/log`);
  assert.equal(body.message, 'container "a" in pod "a" is waiting to start: image can\'t be pulled');
});

test('a container needs its image', async (t) => {
  const api = await startBench(t);
  const { status, body } = await api.post(`${core}/pods`, pod('a', {}, { image: undefined }));
  assert.equal(status, 422);
  assert.match(body.message, /spec\.containers\[0\]\.image: Required value/);
});

test('a mount needs its path', async (t) => {
  const api = await startBench(t);
  const volumes = [{ name: 'v', configMap: { name: 'kube-root-ca.crt' } }];
  const { status, body } = await api.post(`${core}/pods`, pod('a', { volumes }, { volumeMounts: [{ name: 'v' }] }));
  assert.equal(status, 422);
  assert.match(body.message, /spec\.containers\[0\]\.volumeMounts\[0\]\.mountPath: Required value/);
});

test('an empty node selector term matches no node', async (t) => {
  const api = await startBench(t);
  const terms = { nodeSelectorTerms: [{}] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
  await api.post(`${core}/pods`, pod('a', { affinity }));
  const [{ status }] = await api.until(`${core}/pods`, ([one]) => one.status.conditions?.length > 0);
  assert.match(status.conditions[0].message, /3 node\(s\) didn't match Pod's node affinity\/selector/);
});

test('a watch of a month stays open', async (t) => {
  const api = await startBench(t);
  const events = api.watch(`${core}/secrets?timeoutSeconds=3000000`);
  const first = events.next();
  await api.get(`${core}/secrets`);
  await api.post(`${core}/secrets`, { metadata: { name: 's' } });
  assert.equal((await first).value?.object.metadata.name, 's');
  await events.return(undefined);
});
