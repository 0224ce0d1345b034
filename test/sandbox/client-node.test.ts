import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Deployment,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node';
import { deployment, deployWeb, startBench } from './kit.ts';

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
}

test('typed calls create, read, scale, patch and delete', async (t) => {
  const { sandbox } = await startBench(t);
  const config = configOf(sandbox.kubeconfig);
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  const namespace = 'default';
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'web' }, data: { 'index.html': 'x' } } });
  const made = await apps.createNamespacedDeployment({ namespace, body: deployment() as V1Deployment });
  assert.ok(made.metadata?.creationTimestamp instanceof Date);
  const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace });
  assert.equal(scale.spec?.replicas, 3);
  const { resourceVersion, ...metadata } = scale.metadata ?? {};
  await apps.replaceNamespacedDeploymentScale({ name: 'web', namespace, body: { metadata, spec: { replicas: 1 } } });
  const applied = await apps.patchNamespacedDeployment(
    { name: 'web', namespace, fieldManager: 'test', force: true, body: deployment('web', { replicas: 2 }) },
    setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
  );
  assert.equal(applied.spec?.replicas, 2);
  const { uid = '' } = applied.metadata ?? {};
  await apps.deleteNamespacedDeployment({
    name: 'web',
    namespace,
    body: { preconditions: { uid }, propagationPolicy: 'Foreground' },
  });
  await assert.rejects(core.readNamespacedPod({ name: 'nope', namespace }), (error: unknown) => {
    assert.ok(error instanceof ApiException);
    assert.equal(error.code, 404);
    assert.equal(JSON.parse(error.body).reason, 'NotFound');
    return true;
  });
});

test('an informer hears of everything in order', async (t) => {
  const { sandbox } = await startBench(t);
  const config = configOf(sandbox.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const namespace = 'kube-public';
  const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  t.after(() => informer.stop());
  const heard: string[] = [];
  const done = new Promise<void>((resolve) => {
    informer.on('add', ({ metadata }) => heard.push(`add ${metadata?.name}`));
    informer.on('update', ({ metadata }) => heard.push(`update ${metadata?.name}`));
    informer.on('delete', ({ metadata }) => {
      heard.push(`delete ${metadata?.name}`);
      resolve();
    });
  });
  await informer.start();
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'a' } } });
  await core.replaceNamespacedConfigMap({ name: 'a', namespace, body: { metadata: { name: 'a' }, data: { k: 'v' } } });
  await core.deleteNamespacedConfigMap({ name: 'a', namespace });
  await done;
  assert.deepEqual(
    heard.filter((line) => line.endsWith(' a')),
    ['add a', 'update a', 'delete a'],
  );
});

test('Watch goes on from a LIST, and Log reads what a pod wrote', async (t) => {
  const bench = await startBench(t);
  const config = configOf(bench.sandbox.kubeconfig);
  const { pods } = await deployWeb(bench, 't');
  const list = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 't', labelSelector: 'app=web' });
  assert.equal(list.items.length, 3);
  const [first] = pods;
  const seen: string[] = [];
  const deleted = Promise.withResolvers<void>();
  const watch = await new Watch(config).watch(
    '/api/v1/namespaces/t/pods',
    { resourceVersion: list.metadata?.resourceVersion, labelSelector: 'app=web', allowWatchBookmarks: true },
    (phase: string, pod: V1Pod) => {
      if (pod.metadata?.uid === first.metadata.uid) seen.push(phase);
      if (seen.at(-1) === 'DELETED') deleted.resolve();
    },
    (error: unknown) => deleted.reject(error ?? new Error('the watch has ended')),
  );
  await bench.fetch(`http://${first.status.podIP}/`, { agent: 'watcher' });
  const stream = new PassThrough();
  await new Log(config).log('t', first.metadata.name, 'nginx', stream, { tailLines: 1 });
  assert.match(await text(stream), /"watcher"$/m);
  await bench.remove(`/api/v1/namespaces/t/pods/${first.metadata.name}`);
  await deleted.promise;
  watch.abort();
  assert.deepEqual([...new Set(seen)], ['MODIFIED', 'DELETED']);
});

test('a follower of a log sees new lines and the end of the pod', async (t) => {
  const bench = await startBench(t);
  const config = configOf(bench.sandbox.kubeconfig);
  const { pods } = await deployWeb(bench, 't');
  const [{ metadata, status }] = pods;
  const stream = new PassThrough();
  await new Log(config).log('t', metadata.name, 'nginx', stream, { follow: true, tailLines: 0 });
  await bench.fetch(`http://${status.podIP}/`, { agent: 'follower' });
  const [line] = await once(stream.setEncoding('utf8'), 'data');
  assert.match(line, /"follower"/);
  await bench.remove(`/api/v1/namespaces/t/pods/${metadata.name}`);
  await once(stream.resume(), 'end');
});
