/** Gateways of our own and shared ones, and who is blamed where a route is not served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterStep } from '../cluster/drive.ts';
import { type Front, findingsIn, openFront, type Passing } from '../front.ts';

const seconds = { eventTimeoutSeconds: 2 };
const api = '/apis/gateway.networking.k8s.io/v1';

/** In a namespace of other people. */
async function makeShared(front: Front, listener: object = {}): Promise<void> {
  await front.direct('POST', '/api/v1/namespaces', { metadata: { name: 'edge' } });
  await front.direct('POST', `${api}/namespaces/edge/gateways`, {
    metadata: { name: 'shared' },
    spec: { gatewayClassName: 'sandbox', listeners: [{ name: 'web', port: 80, protocol: 'HTTP', ...listener }] },
  });
}

const shared = { env: { GATEWAY: 'edge/shared' } };

test('a route on a Gateway of its own: in at most 14 requests, and the Gateway stands', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  await drive.runOne(drive.suite('gateway'));
  const result = await drive.runOne(drive.suite('gateway'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 14, `${result.apiRequests.total} requests`);
  const left = await Promise.all(
    ['gateways', 'httproutes'].map((plural) =>
      front.direct('GET', `${api}/namespaces/${drive.namespaceOf('gateway')}/${plural}`),
    ),
  );
  assert.deepEqual(
    left.map(({ body }) => body.items.length),
    [1, 0],
  );
});

test('a route on the Gateway that GATEWAY names, for a host that its listener takes, and none of its own', async (t) => {
  const front = await openFront(t);
  await makeShared(front, { hostname: '*.apps.example.com' });
  const result = await front.run('gateway', shared);
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  const [route] = front.requests.filter(({ method, url }) => method === 'POST' && url.includes('/httproutes'));
  assert.match(route?.body.spec.hostnames[0], /^\w+\.apps\.example\.com$/);
  assert.deepEqual(route?.body.spec.parentRefs, [{ name: 'shared', namespace: 'edge', sectionName: 'web' }]);
  assert.equal((await front.direct('GET', `${api}/gateways`)).body.items.length, 1);
});

test('a GATEWAY that is not there, or has no listener for us, is errored', async (t) => {
  const front = await openFront(t);
  const missing = await front.run('gateway', shared);
  assert.equal(missing.status, 'errored');
  assert.match(findingsIn(missing)[0]?.message ?? '', /GATEWAY is edge\/shared, and the cluster has no such Gateway/);
  await makeShared(front, { protocol: 'HTTPS' });
  const closed = await front.run('gateway', shared);
  assert.equal(closed.status, 'errored');
  assert.match(findingsIn(closed)[0]?.message ?? '', /has no HTTP listener without a host or with one of a wildcard/);
});

test('where no GatewayClass is accepted it is unsupported', async (t) => {
  const front = await openFront(t, {
    object: (object: Passing) => (object.kind === 'GatewayClass' ? { ...object, status: {} } : object),
  });
  const result = await front.run('gateway');
  assert.equal(result.status, 'unsupported');
  assert.match(result.unmet?.reason ?? '', /^none of the cluster's 1 GatewayClasses is accepted by a controller/);
});

for (const [what, fault, before, step, code] of [
  ['does not program it', 'ingress-controller-down', undefined, 'Wait on its address', 'edge.no_address'],
  [
    'does not accept a route',
    'ingress-controller-down',
    'Wait on its address',
    'Wait on its acceptance',
    'edge.not_accepted',
  ],
  ['does not answer', 'ingress-down', undefined, 'Request page through it', 'edge.unreachable'],
  ['does not know the route', 'ingress-stale', undefined, 'Request page through it', 'edge.not_routed'],
] as const) {
  test(`the controller of a Gateway that ${what} is named, with its class`, async (t) => {
    const front = await openFront(t);
    const drive = await front.drive(seconds);
    const disturb = async () => front.sandbox.faults.set(fault, true);
    if (!before) await disturb();
    const suite = before ? afterStep(drive.suite('gateway'), before, disturb) : drive.suite('gateway');
    const result = await drive.runOne(suite);
    const red = result.steps.find(({ findings }) => findings.length > 0);
    assert.deepEqual(
      [result.status, red?.name, red?.findings[0]?.code, result.diagnosis?.component, result.diagnosis?.part],
      ['failed', step, code, 'ingress-controller', 'gateway class sandbox, controller sandbox/gateway'],
      red?.findings[0]?.message,
    );
  });
}

test('a Gateway that does not admit routes of our namespace is not blamed: errored', async (t) => {
  const refusal = { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: 'no such namespace' };
  const front = await openFront(t, {
    object(object: Passing) {
      if (object.kind === 'HTTPRoute' && object.status?.parents) object.status.parents[0].conditions = [refusal];
      return object;
    },
  });
  const result = await front.run('gateway', seconds);
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['errored', 'k8s.prerequisite_missing']);
  assert.match(findingsIn(result)[0]?.message ?? '', /not Accepted: NotAllowedByListeners no such namespace/);
});
