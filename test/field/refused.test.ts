/** What people set up refuses a pod, an object or a request: errored, in the refusal's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Front, findingsIn, openFront, type Passing, status } from '../front.ts';

/** The controllers are refused with these words in place of the quota's. */
async function refusing(front: Front, words: string): Promise<void> {
  front.sandbox.faults.set('quota-exhausted', { on: true });
  const put = (said: Passing) => {
    if (/exceeded quota/.test(said.message ?? '')) said.message = `Error creating: ${words}`;
  };
  front.hooks = {
    object(object) {
      for (const condition of object.status?.conditions ?? []) put(condition);
      if (object.kind === 'Event') put(object);
      return object;
    },
  };
}

for (const words of [
  'pods "app-1" is forbidden: cpu max limit to request ratio per Container is 4, but provided ratio is 20.000000',
  'pods "app-1" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.volumes[0]: Invalid value: "emptyDir"]',
  'pods "app-1" is forbidden: pod node label selector conflicts with its namespace node label selector',
  'pods "app-1" is forbidden: by the house rules of this distribution',
]) {
  test(`pods that are refused make the run errored: ${words}`, async (t) => {
    const front = await openFront(t);
    await refusing(front, words);
    const result = await front.run('deployment', { eventTimeoutSeconds: 1 });
    const [finding] = findingsIn(result);
    assert.equal(result.status, 'errored', finding?.message);
    assert.ok(finding?.message.includes(words), finding?.message);
    assert.ok(['admission', 'quota'].includes(result.diagnosis?.component ?? ''), result.diagnosis?.sentence);
    assert.equal(result.diagnosis?.sentence.includes(words.slice(words.indexOf(':') + 2, 80)), true);
  });
}

test('pods without a default service account make the run failed', async (t) => {
  const front = await openFront(t);
  await refusing(
    front,
    'pods "app-1" is forbidden: error looking up service account field/default: serviceaccount "default" not found',
  );
  const result = await front.run('deployment', { eventTimeoutSeconds: 1 });
  assert.equal(result.status, 'failed');
  assert.equal(result.diagnosis?.rule, 'controller-manager/no-service-account');
});

const denial = 'admission webhook "policy.example.net" denied the request: every workload needs an owner';

for (const [code, reason] of [
  [400, 'BadRequest'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [409, 'Conflict'],
  [409, 'AlreadyExists'],
  [429, 'TooManyRequests'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
] as const) {
  test(`a webhook that denies with ${code} ${reason} is asked once, and its words are shown`, async (t) => {
    let asked = 0;
    const front = await openFront(t, {
      answer({ method, url }) {
        if (method !== 'POST' || !url.includes('/deployments')) return undefined;
        asked++;
        return status(code, reason, denial);
      },
    });
    const result = await front.run('deployment');
    const [finding, ...others] = findingsIn(result);
    assert.equal(result.status, 'errored', finding?.message);
    assert.equal(finding?.code, 'api.forbidden');
    assert.equal(finding.message, `create deployment/kubee2etestapp: ${code} ${denial}`);
    assert.deepEqual(others, []);
    assert.equal(asked, 1);
    assert.deepEqual([result.diagnosis?.rule, result.diagnosis?.part], ['admission/denied', 'policy.example.net']);
  });
}

test('a deletion that a webhook denies with 404 has not been done', async (t) => {
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'DELETE' && url.includes('/services/') ? status(404, 'NotFound', denial) : undefined,
  });
  const result = await front.run('service');
  const [finding] = findingsIn(result);
  assert.equal(result.status, 'errored');
  assert.ok(finding?.message.includes(denial), finding?.message);
});

test('a path that is not known is no missing namespace, and no fault of the cluster', async (t) => {
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'POST' && url.includes('/services') ? { status: 404, body: '404 page not found' } : undefined,
  });
  const result = await front.run('service');
  const [finding] = findingsIn(result);
  assert.equal(result.status, 'errored');
  assert.doesNotMatch(finding?.message ?? '', /does not exist/);
});

test('a namespace that is missing is named with the manifest that makes it', async (t) => {
  const front = await openFront(t);
  const result = await front.run('service', { env: { CREATE_NAMESPACES: 'false' } });
  const [finding] = findingsIn(result);
  assert.equal(finding?.code, 'k8s.prerequisite_missing');
  assert.match(finding.message, /Namespace field-service does not exist: apply/);
});
