/** Who is blamed where the page of an Ingress does not come: by whose answer it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { afterStep } from '../cluster/drive.ts';
import { type Front, findingsIn, openFront, type Passing } from '../front.ts';

const seconds = { eventTimeoutSeconds: 2 };

test('an Ingress is served, changed and removed: in at most 14 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  await drive.runOne(drive.suite('ingress'));
  const result = await drive.runOne(drive.suite('ingress'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 14, `${result.apiRequests.total} requests`);
  const path = `/apis/networking.k8s.io/v1/namespaces/${drive.namespaceOf('ingress')}/ingresses`;
  assert.deepEqual((await front.direct('GET', path)).body.items, []);
});

test('where no IngressClass is the default it is unsupported; where INGRESS_CLASS names none, errored', async (t) => {
  const front = await openFront(t, {
    object: (object: Passing) => (object.kind === 'IngressClass' ? { ...object, metadata: { name: 'other' } } : object),
  });
  const result = await front.run('ingress');
  assert.equal(result.status, 'unsupported');
  assert.match(result.unmet?.reason ?? '', /^none of the cluster's 1 IngressClasses is the default: name one/);
  const named = await front.run('ingress', { env: { INGRESS_CLASS: 'internal' } });
  assert.equal(named.status, 'errored');
  assert.match(findingsIn(named)[0]?.message ?? '', /INGRESS_CLASS is internal, and the cluster has no such/);
});

/** Disturbed once that step has ended well. */
async function runWith(front: Front, step: string, disturb: () => unknown, env = {}): Promise<RunResult> {
  const drive = await front.drive({ ...seconds, env });
  return drive.runOne(afterStep(drive.suite('ingress'), step, async () => disturb()));
}

function assertBlamed(result: RunResult, step: string, code: string, component: string, words: RegExp): void {
  const red = result.steps.find(({ findings }) => findings.length > 0);
  assert.deepEqual(
    [result.status, red?.name, red?.findings[0]?.code, result.diagnosis?.component],
    ['failed', step, code, component],
    `${red?.findings[0]?.message} ${result.diagnosis?.sentence}`,
  );
  assert.match(`${red?.findings[0]?.message} | ${result.diagnosis?.part}`, words);
}

for (const [what, fault, step, code, words] of [
  [
    'gives no address',
    'ingress-controller-down',
    'Wait on its address',
    'edge.no_address',
    /status has no address \| class sandbox, controller sandbox\/ingress$/,
  ],
  ['does not answer', 'ingress-down', 'Request page through it', 'edge.unreachable', /no connection to its address/],
  ['does not know the route', 'ingress-stale', 'Request page through it', 'edge.not_routed', /404 \(Server: sandbox\)/],
] as const) {
  test(`an ingress controller that ${what} is named, with its class`, async (t) => {
    const front = await openFront(t);
    front.sandbox.faults.set(fault, true);
    assertBlamed(await front.run('ingress', seconds), step, code, 'ingress-controller', words);
  });
}

for (const [what, method, step, code, words] of [
  ['change', 'PATCH', 'Change its backend', 'edge.stale', /still serves the page of the old backend/],
  ['deletion', 'DELETE', 'Check page no longer served', 'edge.still_served', /its page is still served/],
] as const) {
  for (const [suite, plural] of [
    ['ingress', 'ingresses'],
    ['gateway', 'httproutes'],
  ] as const) {
    test(`${suite}: a controller that does not notice a ${what} is named`, async (t) => {
      const front = await openFront(t);
      front.hooks = {
        answer({ method: sent, url }) {
          if (sent === method && url.includes(`/${plural}/`)) front.sandbox.faults.set('ingress-stale', true);
          return undefined;
        },
      };
      assertBlamed(await front.run(suite, seconds), step, code, 'ingress-controller', words);
    });
  }
}

test('who answers 503 is not blamed for a service that somebody removed', async (t) => {
  const front = await openFront(t);
  const result = await runWith(front, 'Wait on its address', () => remove(front, 'services'));
  assertBlamed(
    result,
    'Request page through it',
    'edge.no_backend',
    'workload',
    /503 \(Server: sandbox\).*\| service\//,
  );
});

test('who answers 503 while the endpoints are missing is not blamed: the endpoints controller is', async (t) => {
  const front = await openFront(t);
  const result = await runWith(front, 'Wait on its address', async () => {
    front.sandbox.faults.set('endpoints-controller-down', true);
    await remove(front, 'endpointslices', '/apis/discovery.k8s.io/v1');
    await remove(front, 'endpoints');
  });
  assertBlamed(result, 'Request page through it', 'edge.no_backend', 'controller-manager', /503/);
});

test('who is not reached while the backend changes has lost requests', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive(seconds);
  let patched = 0;
  front.hooks = {
    async answer({ method, url }) {
      if (method !== 'PATCH' || !url.includes('/ingresses/')) return undefined;
      patched += 1;
      front.sandbox.faults.set('ingress-down', true);
      setTimeout(() => front.sandbox.faults.set('ingress-down', false), 300);
      return undefined;
    },
  };
  const result = await drive.runOne(drive.suite('ingress'));
  assert.equal(patched, 1);
  assertBlamed(result, 'Change its backend', 'edge.lost_requests', 'ingress-controller', /requests were lost while/);
});

for (const [what, status, codes] of [
  ['a name that nobody knows', { hostname: 'lb.cluster.local' }, ['failed', 'dns.nxdomain', 'dns']],
  ['this machine', { hostname: 'localhost' }, ['errored', 'k8s.prerequisite_missing', 'setup']],
] as const) {
  test(`an address that is ${what} is told apart from a controller that is down`, async (t) => {
    const front = await openFront(t, { object: addressed(status) });
    const result = await front.run('ingress', seconds);
    const [finding] = findingsIn(result);
    assert.deepEqual([result.status, finding?.code, result.diagnosis?.component], codes, finding?.message);
  });
}

const addressed = (entry: object) => (object: Passing) => {
  if (object.kind === 'Ingress' && object.status?.loadBalancer?.ingress) object.status.loadBalancer.ingress = [entry];
  return object;
};

async function remove(front: Front, plural: string, api = '/api/v1'): Promise<void> {
  const namespace = front.requests.map(({ url }) => /namespaces\/([^/]+)\/ingresses/.exec(url)?.[1]).find(Boolean);
  const path = `${api}/namespaces/${namespace}/${plural}`;
  const { body } = await front.direct('GET', path);
  for (const { metadata } of body.items) await front.direct('DELETE', `${path}/${metadata.name}`);
}
