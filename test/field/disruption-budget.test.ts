/** The disruption_budget suite on the sandbox: whose fault a wrong eviction is, and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, status } from '../front.ts';

const isEviction = ({ method, url }: { method: string; url: string }) => method === 'POST' && /\/eviction$/.test(url);
const refused = (message: string) =>
  status(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: 'DisruptionBudget', message }] },
  });

test('one eviction is done, the next refused until the pod is replaced, in at most 20 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  await drive.runOne(drive.suite('disruption_budget'));
  const result = await drive.runOne(drive.suite('disruption_budget'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 20, `${result.apiRequests.total} requests`);
  assert.ok(result.apiRequests.watches <= 2, `${result.apiRequests.watches} watches`);
  const place = drive.namespaceOf('disruption_budget');
  const { body } = await front.direct('GET', `/apis/policy/v1/namespaces/${place}/poddisruptionbudgets`);
  assert.deepEqual(body.items, []);
});

test('an eviction beyond the budget that is done is the fault of the API server', async (t) => {
  let evictions = 0;
  const front = await openFront(t);
  front.hooks = {
    answer: async (request) => {
      if (!isEviction(request)) return undefined;
      // Nothing comes in the place of the first.
      front.sandbox.faults.set('scheduler-down', true);
      if (++evictions !== 2) return undefined;
      await front.direct('DELETE', request.url.replace('/eviction', ''));
      return { status: 201, body: { kind: 'Status', metadata: {}, status: 'Success' } };
    },
  };
  const result = await front.run('disruption_budget', { eventTimeoutSeconds: 5 });
  assert.deepEqual(
    [result.status, findingsIn(result)[0]?.code, result.diagnosis?.component],
    ['failed', 'k8s.eviction_wrong', 'api-server'],
  );
});

test('a second eviction that is asked so late that the first pod is replaced is no fault', async (t) => {
  let evictions = 0;
  const front = await openFront(t);
  const replaced = async (path: string) => {
    const pods = path.replace(/\/[^/]+\/eviction$/, '');
    const isReady = (pod: { status: { conditions?: { type: string; status: string }[] } }) =>
      pod.status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    for (;;) {
      const { body } = await front.direct('GET', pods);
      if (body.items.length === 3 && body.items.every(isReady)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  front.hooks = {
    answer: async (request) => {
      if (isEviction(request) && ++evictions === 2) await replaced(request.url);
      return undefined;
    },
  };
  const result = await front.run('disruption_budget', { eventTimeoutSeconds: 10 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('an eviction that a budget which allows one refuses is told with what was said', async (t) => {
  const front = await openFront(t);
  const answer = (request: { method: string; url: string }) =>
    isEviction(request) ? refused('The disruption budget needs 2 healthy pods and has 3 currently') : undefined;
  front.hooks = { answer };
  const result = await front.run('disruption_budget', { eventTimeoutSeconds: 10 });
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['failed', 'k8s.eviction_wrong']);
});

test('a second budget over the test pods is ours to mend', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  const place = drive.namespaceOf('disruption_budget');
  await drive.runOne(drive.suite('disruption_budget'));
  const spec = { maxUnavailable: 1, selector: { matchLabels: { app: 'hello-minikube' } } };
  const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'other' }, spec };
  await front.direct('POST', `/apis/policy/v1/namespaces/${place}/poddisruptionbudgets`, body);
  const result = await drive.runOne(drive.suite('disruption_budget'));
  const [found] = findingsIn(result);
  assert.deepEqual([result.status, found?.code], ['errored', 'k8s.prerequisite_missing']);
  assert.match(found?.message ?? '', /more than one PodDisruptionBudget/);
});

test('a cluster without policy/v1 does not offer it', async (t) => {
  const front = await openFront(t, {
    answer: ({ url }) =>
      url.startsWith('/apis/policy/v1') ? status(404, 'NotFound', '404 page not found') : undefined,
  });
  const result = await front.run('disruption_budget', { env: { REQUIREMENTS: 'optional' } });
  assert.equal(result.status, 'unsupported', findingsIn(result)[0]?.message);
});
