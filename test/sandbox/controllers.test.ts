import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Body, deployment, deployWeb, home, isReady, service, startBench } from './kit.ts';

const { core, apps, slices } = home('t');
const condition = (object: Body, type: string) => object.status.conditions?.find((one: Body) => one.type === type);

test('a deployment becomes three ready pods in three zones, in the order of a real cluster', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  const { body } = await api.get(`${core}/pods`);
  assert.deepEqual(body.items.map((pod: Body) => pod.spec.nodeName).sort(), ['node1', 'node2', 'node3']);
  const pod = body.items[0];
  const states: string[] = [];
  for await (const { object, type } of api.watch(
    `${core}/pods?fieldSelector=metadata.name%3D${pod.metadata.name}&resourceVersion=101&timeoutSeconds=1`,
  )) {
    const types = (object.status.conditions ?? []).map((one: Body) => `${one.type}=${one.status}`).join(' ');
    states.push(
      `${type} ${object.status.phase} ${object.status.containerStatuses?.[0]?.state.waiting?.reason ?? '-'} ${types}`,
    );
  }
  assert.deepEqual(states, [
    'ADDED Pending - ',
    'MODIFIED Pending - PodScheduled=True',
    'MODIFIED Pending ContainerCreating PodScheduled=True PodReadyToStartContainers=False Initialized=True Ready=False ContainersReady=False',
    'MODIFIED Running - PodScheduled=True PodReadyToStartContainers=True Initialized=True Ready=True ContainersReady=True',
  ]);
  const [deploy] = await api.until(
    `${apps}/deployments`,
    ([one]) => condition(one, 'Progressing')?.reason === 'NewReplicaSetAvailable',
  );
  assert.equal(condition(deploy, 'Available').reason, 'MinimumReplicasAvailable');
  assert.equal(deploy.metadata.annotations['deployment.kubernetes.io/revision'], '1');
  assert.equal(deploy.status.observedGeneration, deploy.metadata.generation);
});

test('Recreate starts nothing before the last old pod is gone', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  const recreate = { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null };
  await api.patch(
    `${apps}/deployments/web`,
    { spec: { strategy: recreate } },
    'application/strategic-merge-patch+json',
  );
  const { body } = await api.get(`${core}/pods`);
  const events = api.watch(`${core}/pods?resourceVersion=${body.metadata.resourceVersion}`);
  const labels = { app: 'web', v: '2' };
  await api.patch(`${apps}/deployments/web`, { spec: { template: { metadata: { labels } } } });
  const seen: string[] = [];
  for await (const { type, object } of events) {
    if (type !== 'MODIFIED') seen.push(`${type} ${object.metadata.labels.v ?? '1'}`);
    if (seen.length === 6) break;
  }
  assert.deepEqual(seen, ['DELETED 1', 'DELETED 1', 'DELETED 1', 'ADDED 2', 'ADDED 2', 'ADDED 2']);
});

test('a node keeps its own taints while and after its kubelet is silent', async (t) => {
  const api = await startBench(t, { timing: { nodeGraceMs: 10 } });
  const mine = { key: 'mine', effect: 'NoSchedule' };
  await api.patch('/api/v1/nodes/node2', { spec: { taints: [mine] } });
  const keys = (node: Body) => node.spec.taints?.map(({ key }: Body) => key).join() ?? '';
  const node2 = '/api/v1/nodes?fieldSelector=metadata.name%3Dnode2';
  api.sandbox.faults.set('kubelet-down', { node: 'node2' });
  const unreachable = 'node.kubernetes.io/unreachable';
  await api.until(node2, ([node]) => keys(node) === `mine,${unreachable},${unreachable}`);
  api.sandbox.faults.set('kubelet-down', false);
  await api.until(node2, ([node]) => keys(node) === 'mine');
});

test('a quota speaks of memory as it was asked for', async (t) => {
  const api = await startBench(t);
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  const hard = { 'requests.memory': '100Mi', 'requests.cpu': '1500m' };
  await api.post(`${core}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } });
  const pod = (requests: object) => ({
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'a', image: 'nginx:1.29-alpine', resources: { requests } }] },
  });
  const tooMuch = await api.post(`${core}/pods`, pod({ memory: '200Mi', cpu: '1' }));
  assert.match(tooMuch.body.message, /requested: requests\.memory=200Mi, used: requests\.memory=0,/);
  const unstated = await api.post(`${core}/pods`, pod({}));
  assert.match(unstated.body.message, /must specify requests\.cpu,requests\.memory$/);
  await api.post(`${core}/pods`, pod({ memory: '64Mi', cpu: '100m' }));
  const counted = ([quota]: Body[]) => quota.status.used?.['requests.memory'] === '64Mi';
  const [quota] = await api.until(`${core}/resourcequotas`, counted);
  assert.equal(quota.status.used['requests.cpu'], '100m');
});

test('a namespace says which finalizers hold it', async (t) => {
  const api = await startBench(t);
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${core}/configmaps`, { metadata: { name: 'a', finalizers: ['x.y/z'] } });
  await api.remove('/api/v1/namespaces/t');
  const type = 'NamespaceFinalizersRemaining';
  const t1 = '/api/v1/namespaces?fieldSelector=metadata.name%3Dt';
  const [space] = await api.until(t1, ([one]) => condition(one, type)?.status === 'True');
  assert.equal(condition(space, type).reason, 'SomeFinalizersRemain');
  assert.match(condition(space, type).message, /x\.y\/z in 1 resource instances/);
});

test('tells what happened in events', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  const { body } = await api.get(`${core}/events`);
  const reasons = new Set(body.items.map((event: Body) => `${event.source.component} ${event.reason}`));
  for (const expected of [
    'default-scheduler Scheduled',
    'kubelet Pulled',
    'kubelet Created',
    'kubelet Started',
    'replicaset-controller SuccessfulCreate',
    'deployment-controller ScalingReplicaSet',
  ]) {
    assert.ok(reasons.has(expected), expected);
  }
});

test('a rolling update keeps maxUnavailable and ends with the new image everywhere', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  const { body } = await api.get(`${core}/pods`);
  const events = api.watch(`${core}/pods?resourceVersion=${body.metadata.resourceVersion}`);
  const patch = { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.29-alpine' }] } } } };
  await api.patch(`${apps}/deployments/web`, patch, 'application/strategic-merge-patch+json');
  const pods = new Map<string, Body>(body.items.map((pod: Body) => [pod.metadata.name, pod]));
  let fewest = 3;
  for await (const { type, object } of events) {
    if (type === 'DELETED') pods.delete(object.metadata.name);
    else pods.set(object.metadata.name, object);
    fewest = Math.min(fewest, [...pods.values()].filter(isReady).length);
    const done = [...pods.values()].every(
      (pod) => isReady(pod) && pod.spec.containers[0].image.endsWith('1.29-alpine'),
    );
    if (pods.size === 3 && done) break;
  }
  assert.equal(fewest, 2);
  const [deploy] = await api.until(
    `${apps}/deployments`,
    ([one]) => one.status.updatedReplicas === 3 && one.status.availableReplicas === 3,
  );
  assert.equal(deploy.status.observedGeneration, 2);
  assert.equal(deploy.metadata.annotations['deployment.kubernetes.io/revision'], '2');
});

test('scaling to nothing ends every pod and empties the endpoints', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  await api.patch(`${apps}/deployments/web/scale`, { spec: { replicas: 0 } });
  await api.until(`${core}/pods`, (pods) => pods.length === 0);
  const [endpoints] = await api.until(`${core}/endpoints`, ([one]) => one.subsets === undefined);
  assert.equal(endpoints.metadata.name, 'web');
  await api.until(slices, ([slice]) => slice.endpoints === null);
});

test('a deleted pod stays in Terminating for its grace and never counts as an endpoint', async (t) => {
  const api = await startBench(t, { timing: { containerStopMs: 200 } });
  const { pods } = await deployWeb(api, 't');
  const { name, uid } = pods[0].metadata;
  const { body } = await api.remove(`${core}/pods/${name}`);
  assert.equal(body.metadata.deletionGracePeriodSeconds, 30);
  const [slice] = await api.until(slices, ([one]) =>
    one.endpoints.some((endpoint: Body) => endpoint.conditions.terminating),
  );
  const ending = slice.endpoints.find((endpoint: Body) => endpoint.targetRef.uid === uid);
  assert.deepEqual(ending.conditions, { ready: false, serving: true, terminating: true });
  const { body: endpoints } = await api.get(`${core}/endpoints/web`);
  assert.ok(endpoints.subsets[0].addresses.every((address: Body) => address.targetRef.uid !== uid));
  await api.until(
    `${core}/pods`,
    (items) => items.filter(isReady).length === 3 && items.every((pod) => pod.metadata.uid !== uid),
  );
});

test('a pod that cannot have a zone of its own waits and says why', async (t) => {
  const api = await startBench(t, { nodes: 2, zones: 2 });
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${core}/configmaps`, { metadata: { name: 'web' }, data: {} });
  await api.post(`${apps}/deployments`, deployment());
  const pods = await api.until(`${core}/pods`, (items) =>
    items.some((pod) => condition(pod, 'PodScheduled')?.status === 'False'),
  );
  const waiting = pods.find((pod) => condition(pod, 'PodScheduled')?.status === 'False');
  assert.equal(condition(waiting, 'PodScheduled').reason, 'Unschedulable');
  assert.match(
    condition(waiting, 'PodScheduled').message,
    /^0\/2 nodes are available: 2 node\(s\) didn't match pod anti-affinity rules/,
  );
});

test('taints, cordons, selectors and requests are respected', async (t) => {
  const api = await startBench(t);
  await api.patch('/api/v1/nodes/node1', { spec: { unschedulable: true } });
  await api.patch('/api/v1/nodes/node2', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } });
  const pod = (name: string, spec: object) => ({
    metadata: { name },
    spec: { containers: [{ name: 'nginx', image: 'nginx:1.28-alpine' }], ...spec },
  });
  const path = home('default').core;
  const scheduled = async (name: string, spec: object) => {
    await api.post(`${path}/pods`, pod(name, spec));
    const items = await api.until(`${path}/pods?fieldSelector=metadata.name%3D${name}`, ([one]) =>
      condition(one, 'PodScheduled'),
    );
    return items[0].spec.nodeName ?? condition(items[0], 'PodScheduled').message;
  };
  assert.equal(await scheduled('plain', {}), 'node3');
  assert.equal(
    await scheduled('tolerant', {
      tolerations: [{ key: 'a', operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/hostname': 'node2' },
    }),
    'node2',
  );
  assert.match(await scheduled('picky', { nodeSelector: { nope: 'x' } }), /didn't match Pod's node affinity\/selector/);
  const big = { containers: [{ name: 'nginx', image: 'nginx:1.28-alpine', resources: { requests: { cpu: '99' } } }] };
  assert.match(await scheduled('big', big), /1 Insufficient cpu/);
});

test('an image that no registry has, and a missing ConfigMap, keep a pod from running', async (t) => {
  const api = await startBench(t, { timing: { backOffMs: 20 } });
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${apps}/deployments`, deployment('web', { replicas: 1 }));
  await api.until(`${core}/events`, (events) =>
    events.some(({ message }) => message.includes('configmap "web" not found')),
  );
  await api.post(`${core}/configmaps`, { metadata: { name: 'web' }, data: {} });
  await api.until(`${core}/pods`, (pods) => pods.some(isReady));
  await api.post(`${apps}/deployments`, deployment('bad', { replicas: 1 }, 'nginx:9'));
  for (const reason of ['ErrImagePull', 'ImagePullBackOff']) {
    await api.until(`${core}/pods`, (pods) =>
      pods.some((pod) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === reason),
    );
  }
});

test('a readiness probe decides when a pod counts', async (t) => {
  const api = await startBench(t);
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${core}/configmaps`, { metadata: { name: 'web' }, data: { 'index.html': 'x' } });
  const web = deployment('web', { replicas: 1 });
  web.spec.template.spec.containers[0].readinessProbe = { httpGet: { path: '/missing', port: 80 }, periodSeconds: 1 };
  await api.post(`${apps}/deployments`, web);
  const pods = await api.until(`${core}/pods`, (items) => items.some((pod) => pod.status.phase === 'Running'));
  assert.equal(condition(pods[0], 'Ready').status, 'False');
  await api.until(`${core}/events`, (events) =>
    events.some(({ message }) => message === 'Readiness probe failed: HTTP probe failed with statuscode: 404'),
  );
});

test('what belongs to a deleted deployment goes with it, before it or never, as asked', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  await api.remove(`${apps}/deployments/web`, { propagationPolicy: 'Orphan' });
  await api.until(`${apps}/deployments`, (items) => items.length === 0);
  assert.equal((await api.get(`${apps}/replicasets`)).body.items.length, 1);
  await api.post(`${apps}/deployments`, deployment());
  await api.until(`${apps}/replicasets`, ([set, ...more]) => more.length === 0 && !!set.metadata.ownerReferences);
  const foreground = await api.remove(`${apps}/deployments/web`, { propagationPolicy: 'Foreground' });
  assert.deepEqual(foreground.body.metadata.finalizers, ['foregroundDeletion']);
  await api.until(`${apps}/deployments`, (items) => items.length === 0);
  assert.equal((await api.get(`${core}/pods`)).body.items.length, 0);
  assert.equal((await api.get(`${apps}/replicasets`)).body.items.length, 0);
});

test('a namespace gets its account and certificate, and ends with all that is in it', async (t) => {
  const api = await startBench(t);
  await deployWeb(api, 't');
  await api.until(`${core}/serviceaccounts`, (items) => items.length === 1);
  const maps = (await api.get(`${core}/configmaps`)).body.items.map((item: Body) => item.metadata.name);
  assert.deepEqual(maps, ['kube-root-ca.crt', 'web']);
  await api.remove('/api/v1/namespaces/t');
  await api.until('/api/v1/namespaces', (items) => items.every((item) => item.metadata.name !== 't'));
  assert.equal((await api.get(`${core}/pods`)).body.items.length, 0);
});

test('a claim is bound to a volume of its own, and both go together', async (t) => {
  const api = await startBench(t);
  const path = home('default').core;
  const claim = {
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  await api.post(`${path}/persistentvolumeclaims`, claim);
  const [bound] = await api.until(`${path}/persistentvolumeclaims`, ([one]) => one.status.phase === 'Bound');
  assert.equal((await api.get(`/api/v1/persistentvolumes/${bound.spec.volumeName}`)).status, 200);
  await api.remove(`${path}/persistentvolumeclaims/c`);
  await api.until('/api/v1/persistentvolumes', (items) => items.length === 0);
});

test('a service of a deployment without pods has an Endpoints object and a slice, both empty', async (t) => {
  const api = await startBench(t);
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${core}/services`, service());
  const [endpoints] = await api.until(`${core}/endpoints`, (items) => items.length === 1);
  assert.equal(endpoints.subsets, undefined);
  const [slice] = await api.until(slices, (items) => items.length === 1);
  assert.equal(slice.endpoints, null);
  await api.remove(`${core}/services/web`);
  await api.until(`${core}/endpoints`, (items) => items.length === 0);
  await api.until(slices, (items) => items.length === 0);
});
