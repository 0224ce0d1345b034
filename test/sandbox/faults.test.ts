import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import { catalogue, type FaultName } from '../../sandbox/faults/catalogue.ts';
import { startAgents, wrongIn } from './agents.ts';
import { type Bench, type Body, deployment, deployWeb, eventually, home, isReady, service, startBench } from './kit.ts';

const { core, apps } = home('t');
// A node must not be given up before pods are placed on it, on a busy machine.
const quick = { backOffMs: 20, nodeGraceMs: 400 };
const strategic = 'application/strategic-merge-patch+json';

async function space(api: Bench): Promise<void> {
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  await api.post(`${core}/configmaps`, { metadata: { name: 'web' }, data: { 'index.html': 'hello\n' } });
}

const ingresses = '/apis/networking.k8s.io/v1/namespaces/t/ingresses';

/** With an Ingress before the service; returns who asks for its host. */
async function routed(api: Bench): Promise<() => Promise<{ status: number }>> {
  await deployWeb(api, 't');
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = [{ host: 'web.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  await api.post(ingresses, { metadata: { name: 'web' }, spec: { rules } });
  return () => api.fetch('http://192.168.64.200/', { host: 'web.test' });
}

const sees = (ask: () => Promise<{ status: number }>, wanted: number) =>
  eventually(async () => assert.equal((await ask()).status, wanted));

const web = { name: 'nginx', image: 'nginx:1.28-alpine' };

async function claimed(api: Bench): Promise<void> {
  await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await api.post(`${core}/persistentvolumeclaims`, { metadata: { name: 'c' }, spec });
}

/** The log of a pod with the claim, once it has ended. */
async function printed(api: Bench, name: string, script: string): Promise<string> {
  const mounts = { command: ['sh', '-c', script], volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  await api.post(`${core}/pods`, {
    metadata: { name },
    spec: { restartPolicy: 'Never', containers: [{ ...web, ...mounts }], volumes },
  });
  await api.until(`${core}/pods`, (items) =>
    items.some(({ metadata, status }) => metadata.name === name && status.phase === 'Succeeded'),
  );
  return (await api.get(`${core}/pods/${name}/log`)).body;
}

const setImage = (api: Bench, image: string) =>
  api.patch(
    `${apps}/deployments/web`,
    { spec: { template: { spec: { containers: [{ name: 'nginx', image }] } } } },
    strategic,
  );

const isScheduled = (pod: Body) => pod.status.conditions?.some((one: Body) => one.type === 'PodScheduled');
const reason = (pod: Body) => pod.status.containerStatuses?.[0]?.state.waiting?.reason;

/** Per fault: what shows it. Each runs in a sandbox of its own, with the fault switched on by the test. */
const shows: Record<FaultName, (api: Bench, on: () => void, off: () => void) => Promise<unknown>> = {
  'dns-nxdomain': (api, on) => dnsSays(api, on, 'ENOTFOUND'),
  'dns-servfail': (api, on) => dnsSays(api, on, 'ESERVFAIL'),
  'dns-timeout': (api, on) => dnsSays(api, on, 'ETIMEOUT'),
  'scheduler-down': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    const pods = await api.until(`${core}/pods`, (items) => items.length === 3);
    assert.ok(pods.every((pod) => !isScheduled(pod)));
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'pods-on-one-node': async (api, on) => {
    on();
    const { pods } = await deployWeb(api, 't');
    assert.deepEqual(new Set(pods.map((pod) => pod.spec.nodeName)), new Set(['node1']));
  },
  'pods-in-one-zone': async (api, on, off) => {
    on();
    const { pods } = await deployWeb(api, 't');
    assert.equal(new Set(pods.map((pod) => pod.spec.nodeName)).size, 3);
    const zones = async () => {
      const { body } = await api.get('/api/v1/nodes');
      return body.items.map((node: Body) => node.metadata.labels['topology.kubernetes.io/zone']);
    };
    assert.deepEqual(await zones(), ['zone-1', 'zone-1', 'zone-1']);
    off();
    assert.deepEqual(await zones(), ['zone-1', 'zone-2', 'zone-3']);
  },
  'nodes-without-zone': async (api, on, off) => {
    on();
    const label = async () =>
      (await api.get('/api/v1/nodes/node1')).body.metadata.labels['topology.kubernetes.io/zone'];
    assert.equal(await label(), undefined);
    off();
    assert.equal(await label(), 'zone-1');
  },
  'kubelet-down': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    const pods = await api.until(
      `${core}/pods`,
      (items) => items.filter(isReady).length === 2 && items.every(isScheduled),
    );
    const lost = pods.find((pod) => pod.spec.nodeName === 'node2');
    assert.equal(lost.status.containerStatuses, undefined);
    const ready = (node: Body) => node.status.conditions.find((one: Body) => one.type === 'Ready').status;
    await api.until('/api/v1/nodes', (nodes) =>
      nodes.some((node) => node.metadata.name === 'node2' && ready(node) === 'Unknown'),
    );
    off();
    await api.until('/api/v1/nodes', (nodes) => nodes.every((node) => ready(node) === 'True'));
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'kubelet-slow': async (api) => {
    api.sandbox.faults.set('kubelet-slow', { seconds: 0.3 });
    await space(api);
    const start = performance.now();
    await api.post(`${apps}/deployments`, deployment());
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
    assert.ok(performance.now() - start >= 300);
  },
  'image-pull-fails': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    await api.until(
      `${core}/pods`,
      (items) => items.length === 3 && items.every((pod) => reason(pod) === 'ImagePullBackOff'),
    );
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'crash-loop': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    const looping = (pod: Body) =>
      reason(pod) === 'CrashLoopBackOff' && pod.status.containerStatuses[0].restartCount > 1;
    const pods = await api.until(`${core}/pods`, (items) => items.some(looping));
    assert.equal(pods.find(looping).status.phase, 'Running');
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'readiness-never': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    const pods = await api.until(
      `${core}/pods`,
      (items) => items.length === 3 && items.every((pod) => pod.status.phase === 'Running'),
    );
    assert.ok(!pods.some(isReady));
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'pods-never-die': async (api, on, off) => {
    await deployWeb(api, 't');
    on();
    await api.patch(`${apps}/deployments/web/scale`, { spec: { replicas: 0 } });
    await api.until(
      `${core}/pods`,
      (items) => items.length === 3 && items.every((pod) => pod.metadata.deletionTimestamp),
    );
    await api.until(`${core}/endpoints`, ([one]) => one.subsets === undefined);
    assert.equal((await api.get(`${core}/pods`)).body.items.length, 3);
    off();
    await api.until(`${core}/pods`, (items) => items.length === 0);
  },
  'wrong-content': async (api, on) => {
    const { pods } = await deployWeb(api, 't');
    on();
    const { status, body } = await api.fetch(`http://${pods[0].status.podIP}/`);
    assert.equal(status, 200);
    assert.notEqual(body, 'hello\n');
  },
  'content-stale': async (api, on) => {
    const { pods } = await deployWeb(api, 't');
    on();
    await api.patch(`${core}/configmaps/web`, { data: { 'index.html': 'new\n' } });
    await setImage(api, 'nginx:1.29-alpine');
    const old = new Set(pods.map((pod) => pod.metadata.uid));
    const fresh = await api.until(
      `${core}/pods`,
      (items) => items.filter(isReady).length === 3 && items.every((pod) => !old.has(pod.metadata.uid)),
    );
    assert.equal((await api.fetch(`http://${fresh[0].status.podIP}/`)).body, 'hello\n');
  },
  'logs-empty': async (api, on) => {
    const { pods } = await deployWeb(api, 't');
    on();
    await api.fetch(`http://${pods[0].status.podIP}/`);
    assert.equal((await api.get(`${core}/pods/${pods[0].metadata.name}/log`)).body, '');
  },
  'logs-stale': async (api, on) => {
    const { pods } = await deployWeb(api, 't');
    const [pod] = pods;
    await api.fetch(`http://${pod.status.podIP}/before`);
    on();
    await api.fetch(`http://${pod.status.podIP}/after`);
    const { body } = await api.get(`${core}/pods/${pod.metadata.name}/log`);
    assert.match(body, /before/);
    assert.doesNotMatch(body, /after/);
  },
  'deployment-controller-down': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    await api.post(`${core}/services`, service());
    await api.until(`${core}/endpoints`, (items) => items.length === 1);
    assert.equal((await api.get(`${apps}/replicasets`)).body.items.length, 0);
    assert.equal((await api.get(`${apps}/deployments/web`)).body.status.observedGeneration, undefined);
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'rollout-stuck': async (api, on, off) => {
    await deployWeb(api, 't');
    on();
    await setImage(api, 'nginx:1.29-alpine');
    const [deploy] = await api.until(`${apps}/deployments`, ([one]) => one.status.observedGeneration === 2);
    assert.equal(deploy.status.updatedReplicas, undefined);
    off();
    await api.until(`${apps}/deployments`, ([one]) => one.status.updatedReplicas === 3);
  },
  'old-pods-linger': async (api, on, off) => {
    await deployWeb(api, 't');
    on();
    await setImage(api, 'nginx:1.29-alpine');
    await api.until(
      `${apps}/deployments`,
      ([one]) => one.status.updatedReplicas === 3 && one.status.availableReplicas === 3,
    );
    const { body } = await api.get(`${core}/pods`);
    assert.equal(body.items.filter((pod: Body) => pod.spec.containers[0].image.includes('1.28')).length, 3);
    off();
    await api.until(
      `${core}/pods`,
      (items) => items.length === 3 && items.every((pod) => pod.spec.containers[0].image.includes('1.29')),
    );
  },
  'endpoints-controller-down': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${core}/services`, service());
    await api.post(`${apps}/deployments`, deployment());
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
    assert.equal((await api.get(`${core}/endpoints`)).body.items.length, 0);
    off();
    await api.until(`${core}/endpoints`, ([one]) => one?.subsets?.[0]?.addresses?.length === 3);
  },
  'endpoints-stale': async (api, on, off) => {
    await deployWeb(api, 't');
    on();
    await api.patch(`${apps}/deployments/web/scale`, { spec: { replicas: 0 } });
    await api.until(`${core}/pods`, (items) => items.length === 0);
    assert.equal((await api.get(`${core}/endpoints/web`)).body.subsets[0].addresses.length, 3);
    off();
    await api.until(`${core}/endpoints`, ([one]) => one.subsets === undefined);
  },
  'disruption-controller-down': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${core}/pods`, { metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers: [web] } });
    await api.until(`${core}/pods`, (items) => items.length === 1 && items.every(isReady));
    const budgets = '/apis/policy/v1/namespaces/t/poddisruptionbudgets';
    const spec = { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } };
    await api.post(budgets, { metadata: { name: 'web' }, spec });
    const evict = () => api.post(`${core}/pods/web/eviction`, { metadata: { name: 'web' } });
    assert.equal((await evict()).status, 429);
    off();
    await api.until(budgets, ([one]) => one.status.disruptionsAllowed === 1);
    assert.equal((await evict()).status, 201);
  },
  'provisioner-down': async (api, on, off) => {
    on();
    await claimed(api);
    const [event] = await api.until(`${core}/events`, (items) => items.length > 0);
    assert.equal(event.reason, 'ExternalProvisioning');
    assert.equal((await api.get(`${core}/persistentvolumeclaims/c`)).body.status.phase, 'Pending');
    off();
    await api.until(`${core}/persistentvolumeclaims`, ([one]) => one.status.phase === 'Bound');
    on();
    await api.remove(`${core}/persistentvolumeclaims/c`);
    await api.until('/api/v1/persistentvolumes', ([one]) => one.status.phase === 'Released');
    off();
    await api.until('/api/v1/persistentvolumes', (items) => items.length === 0);
  },
  'volume-loses-data': async (api, on, off) => {
    await claimed(api);
    await printed(api, 'writer', 'echo "hello" > /v/file; cat /v/file');
    assert.equal(await printed(api, 'reader', 'cat /v/file'), 'hello\n');
    on();
    assert.equal(await printed(api, 'loser', 'cat /v/file'), 'cat: /v/file: No such file or directory\n');
    off();
  },
  'volume-not-deleted': async (api, on, off) => {
    await claimed(api);
    await api.until(`${core}/persistentvolumeclaims`, ([one]) => one.status.phase === 'Bound');
    on();
    await api.remove(`${core}/persistentvolumeclaims/c`);
    await api.until('/api/v1/persistentvolumes', ([one]) => one.status.phase === 'Failed');
    off();
    await api.until('/api/v1/persistentvolumes', (items) => items.length === 0);
  },
  'namespace-stuck': async (api, on, off) => {
    on();
    await space(api);
    await api.remove('/api/v1/namespaces/t');
    const [ending] = await api.until(
      '/api/v1/namespaces?fieldSelector=metadata.name%3Dt',
      ([one]) => one?.status.phase === 'Terminating',
    );
    assert.ok(ending.metadata.deletionTimestamp);
    off();
    await api.until('/api/v1/namespaces', (items) => items.every((one) => one.metadata.name !== 't'));
  },
  'ingress-down': async (api, on, off) => {
    const ask = await routed(api);
    await sees(ask, 200);
    on();
    await assert.rejects(ask(), /502/);
    off();
    assert.equal((await ask()).status, 200);
  },
  'ingress-stale': async (api, on, off) => {
    const ask = await routed(api);
    await sees(ask, 200);
    on();
    await api.remove(`${ingresses}/web`);
    await api.until(ingresses, (items) => items.length === 0);
    assert.equal((await ask()).status, 200);
    off();
    await sees(ask, 404);
  },
  'ingress-controller-down': async (api, on, off) => {
    on();
    const ask = await routed(api);
    assert.equal((await ask()).status, 404);
    assert.deepEqual((await api.get(`${ingresses}/web`)).body.status.loadBalancer, {});
    off();
    await sees(ask, 200);
    assert.deepEqual((await api.get(`${ingresses}/web`)).body.status.loadBalancer.ingress, [{ ip: '192.168.64.200' }]);
  },
  'service-proxy-down': async (api, on) => {
    const { pods, address } = await deployWeb(api, 't');
    on();
    await assert.rejects(api.fetch(`http://${address}/`), /502/);
    assert.equal((await api.fetch(`http://${pods[0].status.podIP}/`)).status, 200);
  },
  'node-proxy-down': async (api, on) => {
    const { address } = await deployWeb(api, 't');
    const { body: made } = await api.post('/api/v1/namespaces/t/services', {
      metadata: { name: 'by-node' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }] },
    });
    await eventually(() => api.fetch(`http://${address}/`));
    const { items } = (await api.get('/api/v1/nodes')).body;
    const portOf = (name: string) => {
      const node = items.find((item: { metadata: { name: string } }) => item.metadata.name === name);
      return `http://${node.status.addresses[0].address}:${made.spec.ports[0].nodePort}/`;
    };
    for (const node of ['node1', 'node2', 'node3']) await eventually(() => api.fetch(portOf(node)));
    on();
    await assert.rejects(api.fetch(portOf('node2')));
    assert.equal((await api.fetch(portOf('node3'))).status, 200);
    assert.equal((await api.fetch(`http://${address}/`)).status, 200);
  },
  'node-link-down': async (api, on, off) => {
    const ask = await startAgents(api);
    on();
    assert.deepEqual(
      wrongIn(await ask('node2')).filter((what) => what !== 'service'),
      ['node1', 'node3'],
    );
    assert.deepEqual(
      wrongIn(await ask('node1')).filter((what) => what !== 'service'),
      ['node2'],
    );
    off();
    assert.deepEqual(wrongIn(await ask('node2')), []);
  },
  'node-large-packets-lost': async (api, on) => {
    const ask = await startAgents(api);
    on();
    assert.deepEqual(wrongIn(await ask('node2')), ['large from node1', 'large from node3']);
    assert.deepEqual(wrongIn(await ask('node3')), ['large from node2']);
  },
  'node-dns-down': async (api, on) => {
    const ask = await startAgents(api);
    on();
    assert.deepEqual([wrongIn(await ask('node2')), wrongIn(await ask('node3'))], [['dns'], []]);
  },
  'service-proxy-one-dead-backend': async (api, on) => {
    const { pods, address } = await deployWeb(api, 't');
    await eventually(() => api.fetch(`http://${address}/`));
    on();
    const results = [];
    for (let count = 0; count < 6; count += 1)
      results.push(
        await api.fetch(`http://${address}/`).then(
          () => 'ok',
          () => 'dead',
        ),
      );
    assert.equal(results.filter((result) => result === 'dead').length, 2);
    for (const pod of pods) assert.equal((await api.fetch(`http://${pod.status.podIP}/`)).status, 200);
  },
  'service-proxy-slow': async (api) => {
    const { address } = await deployWeb(api, 't');
    await eventually(() => api.fetch(`http://${address}/`));
    api.sandbox.faults.set('service-proxy-slow', { seconds: 0.2 });
    const start = performance.now();
    await api.fetch(`http://${address}/`);
    assert.ok(performance.now() - start >= 200);
  },
  'configmap-forbidden': async (api, on) => {
    on();
    await api.post('/api/v1/namespaces', { metadata: { name: 't' } });
    const { status, body } = await api.post(`${core}/configmaps`, { metadata: { name: 'web' } });
    assert.equal(status, 403);
    assert.equal(
      body.message,
      'configmaps is forbidden: User "kubernetes-admin" cannot create resource "configmaps" in API group "" in the namespace "t"',
    );
    assert.equal((await api.get(`${core}/configmaps`)).status, 200);
    const review = { spec: { resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 't' } } };
    const answer = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review);
    assert.equal(answer.body.status.allowed, false);
  },
  forbidden: async (api) => {
    api.sandbox.faults.set('forbidden', { verb: 'list', resource: 'nodes' });
    assert.equal((await api.get('/api/v1/nodes')).status, 403);
    assert.equal((await api.get('/api/v1/nodes/node1')).status, 200);
  },
  'quota-exhausted': async (api, on, off) => {
    on();
    await space(api);
    await api.post(`${apps}/deployments`, deployment());
    const failed = (one: Body) =>
      one?.status.conditions?.find((condition: Body) => condition.type === 'ReplicaFailure');
    const [deploy] = await api.until(`${apps}/deployments`, ([one]) => failed(one));
    assert.match(failed(deploy).message, /is forbidden: exceeded quota/);
    await api.until(`${core}/events`, (events) => events.some((event) => event.reason === 'FailedCreate'));
    off();
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
  },
  'quota-contended': async (api, _, off) => {
    await space(api);
    api.sandbox.faults.set('quota-contended', { share: 1 });
    const refused = await api.post(`${core}/configmaps`, { metadata: { name: 'page' } });
    assert.deepEqual(
      [refused.status, refused.body.reason, refused.body.details.kind],
      [409, 'Conflict', 'resourcequotas'],
    );
    assert.equal(
      refused.body.message,
      'Operation cannot be fulfilled on resourcequotas "sandbox-contended": the object has been modified; please apply your changes to the latest version and try again',
    );
    off();
    assert.equal((await api.post(`${core}/configmaps`, { metadata: { name: 'page' } })).status, 201);
    // Controllers meet it too, and try again by themselves.
    await api.post(`${apps}/deployments`, deployment());
    await api.until(`${core}/pods`, (items) => items.filter(isReady).length === 3);
    let refusals = 0;
    const random = Math.random;
    Math.random = () => (refusals++ < 20 ? 0 : 0.9);
    try {
      api.sandbox.faults.set('quota-contended', { share: 0.5 });
      await api.patch(`${apps}/deployments/web`, { spec: { template: { metadata: { annotations: { is: 'new' } } } } });
      const revision = 'deployment.kubernetes.io/revision';
      await api.until(`${apps}/replicasets`, (sets) => sets.some((set) => set.metadata.annotations[revision] === '2'));
    } finally {
      Math.random = random;
    }
  },
  'api-500': (api, on) => apiSays(api, on, 500, 'InternalError'),
  'api-503': (api, on) => apiSays(api, on, 503, 'ServiceUnavailable'),
  'api-429': async (api) => {
    const answer = await apiSays(
      api,
      () => api.sandbox.faults.set('api-429', { share: 1, retryAfter: 3 }),
      429,
      'TooManyRequests',
    );
    assert.equal(answer.headers['retry-after'], '3');
  },
  'api-slow': async (api) => {
    api.sandbox.faults.set('api-slow', { seconds: 0.2 });
    const start = performance.now();
    assert.equal((await api.get('/api/v1/nodes')).status, 200);
    assert.ok(performance.now() - start >= 200);
  },
  'api-reset': async (api) => {
    api.sandbox.faults.set('api-reset', { share: 1 });
    await assert.rejects(api.get('/api/v1/nodes'), { code: 'ECONNRESET' });
  },
  'api-down': async (api) => {
    await api.get('/api/v1/nodes');
    api.sandbox.faults.set('api-down', { seconds: 0.2 });
    await assert.rejects(api.get('/api/v1/nodes'), { code: /ECONNREFUSED|ECONNRESET/ });
    await eventually(() => api.get('/api/v1/nodes'));
    assert.equal(api.sandbox.faults.list().find(({ name }) => name === 'api-down')?.on, false);
  },
  'watch-drop': async (api) => {
    api.sandbox.faults.set('watch-drop', { seconds: 0.05 });
    await assert.rejects(async () => {
      for await (const _ of api.watch('/api/v1/nodes'));
    });
  },
  'watch-gone': async (api) => {
    api.sandbox.faults.set('watch-gone', { seconds: 0.05 });
    const types: string[] = [];
    for await (const { type } of api.watch('/api/v1/nodes')) types.push(type);
    assert.equal(types.at(-1), 'ERROR');
  },
  'watch-silent': async (api, on) => {
    on();
    const seen = [];
    for await (const event of api.watch('/api/v1/nodes?timeoutSeconds=1')) seen.push(event);
    assert.deepEqual(seen, []);
  },
};

async function dnsSays(api: Bench, on: () => void, code: string): Promise<void> {
  const dns = new Resolver({ tries: 1, timeout: 200 });
  dns.setServers([...api.sandbox.dnsServers]);
  assert.equal((await dns.resolve4('kubernetes.default.svc.cluster.local')).length, 1);
  on();
  await assert.rejects(dns.resolve4('kubernetes.default.svc.cluster.local'), { code });
}

async function apiSays(api: Bench, on: () => void, status: number, words: string) {
  on();
  const answer = await api.get('/api/v1/nodes');
  assert.equal(answer.status, status);
  assert.equal(answer.body.reason, words);
  return answer;
}

for (const name of Object.keys(catalogue) as FaultName[]) {
  test(`${name}: ${catalogue[name].description}`, async (t) => {
    const api = await startBench(t, { timing: quick });
    await shows[name](
      api,
      () => api.sandbox.faults.set(name, true),
      () => api.sandbox.faults.set(name, false),
    );
  });
}
