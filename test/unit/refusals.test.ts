import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDenial, type Refuser, refusalIn } from '../../runtime/blame/refusals.ts';

const pods = (why: string) => `pods "web-1-x" is forbidden: ${why}`;
const webhook = (why: string) => `admission webhook "w.example.com" denied the request: ${why}`;

const people: readonly [string, Refuser, string][] = [
  [pods('exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'), 'quota', 'small'],
  [pods('status unknown for quota: small, resources: pods'), 'quota', 'small'],
  [pods('failed quota: small: must specify limits.cpu for: nginx'), 'limits', 'small'],
  [pods('minimum cpu usage per Container is 50m, but request is 10m'), 'limits', ''],
  [pods('cpu max limit to request ratio per Pod is 4, but provided ratio is 20.000000'), 'limits', ''],
  [pods('violates PodSecurity "restricted:latest": runAsNonRoot != true'), 'pod-security', 'restricted:latest'],
  [pods('unable to validate against any pod security policy: []'), 'pod-security', ''],
  [pods('PodSecurityPolicy: unable to admit pod: [spec.volumes[0]: Invalid value: "emptyDir"]'), 'pod-security', ''],
  [pods('unable to validate against any security context constraint: [provider "x": Forbidden]'), 'pod-security', ''],
  [pods("ValidatingAdmissionPolicy 'owner' with binding 'all' denied request: no owner"), 'policy', 'owner'],
  [pods('pod node label selector conflicts with its namespace node label selector'), 'plugin', ''],
  [pods('no PriorityClass with name gold was found'), 'plugin', ''],
  [pods('error looking up service account e2e/robot: serviceaccount "robot" not found'), 'plugin', ''],
  ['namespaces is forbidden: tenants make no namespaces here', 'plugin', ''],
  ['forbidden: the house rules of a distribution nobody has seen', 'plugin', ''],
  ['Pod "web-1-x" is invalid: spec.containers[0].resources.requests: must be less than cpu limit', 'validation', ''],
  [webhook('no owner label'), 'webhook', 'w.example.com'],
  ['admission webhook "w.example.com" denied the request without explanation', 'webhook', 'w.example.com'],
  // A denial may quote what its own backend said.
  [webhook('failed calling webhook "other.example.com": connection refused'), 'webhook', 'w.example.com'],
  ['leases is forbidden: User "tester" cannot create resource "leases" in API group "x"', 'rbac', 'leases'],
];

for (const [text, by, name] of people) {
  test(`is ours to mend, by ${by}: ${text}`, () => {
    const said = refusalIn(`Error creating: ${text}`);
    assert.deepEqual([said?.by, said?.name, said?.blame], [by, name, 'us']);
  });
}

const broken: readonly [string, Refuser][] = [
  [
    'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://w": EOF',
    'dead-webhook',
  ],
  ['failed calling admission webhook "w.example.com": context deadline exceeded', 'dead-webhook'],
  [
    pods('Post "https://images.example.com/review": dial tcp 10.0.0.1:443: connect: connection refused'),
    'dead-webhook',
  ],
  ['conversion webhook for example.com/v1, Kind=Thing failed: Post "https://w": no endpoints', 'dead-webhook'],
  [pods('error looking up service account e2e/default: serviceaccount "default" not found'), 'no-service-account'],
  [pods('no API token found for service account "default", retry after the token is created'), 'no-service-account'],
];

for (const [text, by] of broken) {
  test(`shows a broken cluster: ${text}`, () => {
    const said = refusalIn(text);
    assert.deepEqual([said?.by, said?.blame], [by, 'cluster']);
  });
}

test('what is no refusal is none', () => {
  for (const text of [
    'etcdserver: request timed out',
    'Operation cannot be fulfilled on resourcequotas "q": the object has been modified',
    'Failed to pull image "x": 403 Forbidden',
    'Internal error occurred: resource quota evaluation timed out',
  ])
    assert.equal(refusalIn(text), undefined, text);
});

test('only a webhook or a policy says no with a status of its own choice', () => {
  assert.equal(isDenial(webhook('no')), true);
  assert.equal(isDenial(pods("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no")), true);
  assert.equal(isDenial(pods('exceeded quota: q, requested: pods=1')), false);
  assert.equal(isDenial('Internal error occurred: failed calling webhook "w": EOF'), false);
});
