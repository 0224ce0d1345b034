/** The control_plane suite on the sandbox: what it names within one round, and where it must not blame the cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, type Passing, status } from '../front.ts';

test('a healthy control plane passes in at most 15 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  await drive.runOne(drive.suite('control_plane'));
  const result = await drive.runOne(drive.suite('control_plane'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 15, `${result.apiRequests.total} requests`);
  const { body } = await front.direct('GET', `/api/v1/namespaces/${drive.namespaceOf('control_plane')}/configmaps`);
  const left = body.items.filter(({ metadata }: Passing) => metadata.name !== 'kube-root-ca.crt');
  assert.deepEqual(left, []);
});

test('an API server that is not ready names the checks that fail; etcd is told as that', async (t) => {
  const front = await openFront(t, {
    answer: ({ url }) =>
      url.startsWith('/readyz')
        ? { status: 500, body: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n' }
        : undefined,
  });
  const result = await front.run('control_plane', { eventTimeoutSeconds: 4 });
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['failed', 'api.not_ready']);
  assert.match(finding?.message ?? '', /not ready: etcd/);
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['api-server', 'etcd']);
});

test('an account that may not read /readyz leaves it out and says so', async (t) => {
  const front = await openFront(t, {
    answer: ({ url }) => (url.startsWith('/readyz') ? status(403, 'Forbidden', 'forbidden: no') : undefined),
  });
  const result = await front.run('control_plane');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.match(JSON.stringify(result.steps[0]?.notes), /Not looked at: \/readyz answers 403/);
});

const metrics = (since: string): Passing => ({
  kind: 'APIService',
  apiVersion: 'apiregistration.k8s.io/v1',
  metadata: { name: 'v1beta1.metrics.k8s.io' },
  spec: { service: { name: 'metrics-server', namespace: 'kube-system' } },
  status: {
    conditions: [
      {
        type: 'Available',
        status: 'False',
        reason: 'FailedDiscoveryCheck',
        message: 'no response from 10.0.0.1:443',
        lastTransitionTime: since,
      },
    ],
  },
});

test('an API behind the API server that is not available is named, with the service that should serve it', async (t) => {
  const front = await openFront(t);
  await front.direct('POST', '/apis/apiregistration.k8s.io/v1/apiservices', metrics('2020-01-01T00:00:00Z'));
  await front.direct(
    'PUT',
    '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io/status',
    metrics('2020-01-01T00:00:00Z'),
  );
  const result = await front.run('control_plane');
  const findings = findingsIn(result);
  assert.deepEqual([result.status, findings.map(({ code }) => code)], ['failed', ['k8s.api_unavailable']]);
  assert.match(findings[0]?.message ?? '', /v1beta1.metrics.k8s.io, served by service\/metrics-server in kube-system/);
  assert.equal(result.diagnosis?.part, 'aggregated API v1beta1.metrics.k8s.io');
});

test('an API that comes back while one looks turns nothing red', async (t) => {
  const front = await openFront(t);
  let lists = 0;
  front.hooks = {
    object: (object: Passing, { url }) => {
      if (object.kind !== 'APIService' || object.metadata.name !== 'v1.apps') return object;
      if (!url.includes('watch=') && ++lists === 1)
        object.status.conditions[0] = {
          type: 'Available',
          status: 'False',
          lastTransitionTime: new Date().toISOString(),
        };
      return object;
    },
  };
  const result = await front.run('control_plane');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a webhook that does not answer is named by the first create that meets it', async (t) => {
  const message =
    'Internal error occurred: failed calling webhook "guard.example.com": failed to call webhook: Post "https://guard.example.svc:443/": dial tcp 10.0.0.9:443: connect: connection refused';
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'POST' && url.includes('/deployments') ? status(500, 'InternalError', message) : undefined,
  });
  const result = await front.run('control_plane', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'failed');
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['admission', 'guard.example.com']);
});

test('a webhook that cannot be tried is no finding', async (t) => {
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'POST' && url.includes('/pods')
        ? status(400, 'BadRequest', 'admission webhook "x.example.com" does not support dry run')
        : undefined,
  });
  const result = await front.run('control_plane');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('a namespace without its service account yet is waited for', async (t) => {
  const message =
    'pods "kubee2etestapp-sample" is forbidden: error looking up service account field-control-plane/default: serviceaccount "default" not found';
  let refused = 0;
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'POST' && url.includes('/pods') && refused++ === 0 ? status(403, 'Forbidden', message) : undefined,
  });
  const result = await front.run('control_plane');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.equal(refused, 2);
});

test('etcd is told from the API server by what comes from memory', async (t) => {
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    return undefined;
  };
  const front = await openFront(t, {
    answer: ({ url, method }) => (url.includes('/configmaps/') && method !== 'POST' ? late() : undefined),
  });
  const result = await front.run('control_plane', { eventTimeoutSeconds: 12 });
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['failed', 'api.slow']);
  assert.match(finding?.message ?? '', /^etcd is slow/);
  assert.equal(result.diagnosis?.part, 'etcd');
});

test('a leader that does not renew its lease is named; a cluster without such leases is not blamed', async (t) => {
  const front = await openFront(t, {
    object: (object: Passing) => {
      if (object.kind === 'Lease' && object.metadata.name === 'kube-controller-manager')
        object.spec.renewTime = '2020-01-01T00:00:00.000000Z';
      return object;
    },
  });
  const stale = await front.run('control_plane');
  assert.deepEqual(
    [stale.status, findingsIn(stale)[0]?.code, stale.diagnosis?.component],
    ['failed', 'k8s.lease_stale', 'controller-manager'],
  );
  front.hooks = {
    object: (object: Passing, { url }) =>
      object.kind === 'Lease' && url.includes('/kube-system/') && object.metadata.name.startsWith('kube-')
        ? null
        : object,
  };
  const without = await front.run('control_plane');
  assert.equal(without.status, 'passed', findingsIn(without)[0]?.message);
});

test('clocks that are far apart are told, and nobody is blamed', async (t) => {
  const front = await openFront(t, {
    answer: ({ url }) =>
      url.startsWith('/readyz')
        ? {
            status: 200,
            body: 'ok',
            headers: { date: new Date(Date.now() - 120_000).toUTCString(), 'content-type': 'text/plain' },
          }
        : undefined,
  });
  const result = await front.run('control_plane');
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['errored', 'k8s.clock_differs']);
  assert.match(finding?.message ?? '', /1(19|20|21)(\.\d)? s behind ours/);
});
