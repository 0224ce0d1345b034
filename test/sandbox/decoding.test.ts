import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Body, deployment, home, startBench } from './kit.ts';

const { core, apps } = home('default');
const strategic = 'application/strategic-merge-patch+json';
const pod = (spec: object): Body => ({
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'a', image: 'nginx' }], ...spec },
});
const configMap = (metadata: object, rest: object = {}): Body => ({ metadata: { name: 'a', ...metadata }, ...rest });
const terms = (nodeSelectorTerms: unknown) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});

test('refuses fields of another type with the words of a real decoder', async (t) => {
  const api = await startBench(t);
  const cases: [path: string, body: Body, words: string][] = [
    ['pods', pod({ containers: 'x' }), 'string into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['pods', pod({ containers: [null] }), 'null into Go struct field PodSpec.spec.containers of type v1.Container'],
    ['pods', pod({ tolerations: [null] }), 'null into Go struct field PodSpec.spec.tolerations of type v1.Toleration'],
    ['pods', pod(terms([null])), 'null into Go struct field NodeSelector.spec.affinity'],
    ['configmaps', configMap({ name: 5 }), 'number into Go struct field ObjectMeta.metadata.name of type string'],
    [
      'configmaps',
      configMap({ labels: 'x' }),
      'string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      'configmaps',
      configMap({ labels: { a: 1 } }),
      'number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      'configmaps',
      configMap({ ownerReferences: [null] }),
      'null into Go struct field ObjectMeta.metadata.ownerReferences',
    ],
    [
      'configmaps',
      configMap({}, { data: 'str' }),
      'string into Go struct field ConfigMap.data of type map[string]string',
    ],
    ['resourcequotas', configMap({}, { spec: { hard: { pods: null } } }), ''],
  ];
  for (const [path, body, words] of cases) {
    const answer = await api.post(`${core}/${path}`, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.ok(answer.body.message.includes(words), answer.body.message);
  }
  for (const replicas of [1.5, '3']) {
    const { status, body } = await api.post(`${apps}/deployments`, deployment('web', { replicas }));
    assert.equal(status, 400);
    assert.match(body.message, /DeploymentSpec\.spec\.replicas of type int32/);
  }
});

test('a field that is null is absent', async (t) => {
  const api = await startBench(t);
  const { body } = await api.post(`${apps}/deployments`, deployment('web', { replicas: null }));
  assert.equal(body.spec.replicas, 1);
});

test('refuses what cannot be read with 400, never with an error of its own', async (t) => {
  const api = await startBench(t);
  await api.post(`${core}/configmaps`, configMap({}));
  const apply = `${core}/configmaps/a?fieldManager=test`;
  const answers = [
    await api.get(`${core}/pods/%zz`),
    await api.get('/api/v1/namespaces/%zz/pods'),
    await api.patch(`${core}/configmaps/a`, 'null', strategic),
    await api.patch(`${core}/configmaps/a`, 'null'),
    await api.get(`${core}/pods?labelSelector=a%3E1`),
    await api.get(`${core}/pods?continue=bogus`),
    await api.get(`${core}/pods?continue=${Buffer.from('{}').toString('base64url')}`),
    await api.patch(apply, 'a: [b\n', 'application/apply-patch+yaml'),
    await api.patch(`${core}/configmaps/a`, [{ op: 'replace', path: '', value: null }], 'application/json-patch+json'),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 400),
  );
});

test('labels and annotations have keys and values of their syntax', async (t) => {
  const api = await startBench(t);
  const labels = { 'a b': '', 'x/y/z': '', '/n': '', 'UP.example/n': '', n: '-' };
  const { status, body } = await api.post(`${core}/configmaps`, configMap({ labels, annotations: { 'a b': '' } }));
  assert.equal(status, 422);
  assert.equal(body.details.causes.length, 6);
  const fine = { 'app.kubernetes.io/name': 'a.B_c-9', short: '' };
  assert.equal((await api.post(`${core}/configmaps`, configMap({ labels: fine }))).status, 201);
});

test('a rolling update is bounded by numbers and percentages', async (t) => {
  const api = await startBench(t);
  for (const maxSurge of ['abc', -1]) {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge } };
    assert.equal((await api.post(`${apps}/deployments`, deployment('web', { strategy }))).status, 422);
  }
});
