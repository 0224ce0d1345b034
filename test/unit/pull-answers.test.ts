/** What nodes say of an image that they could not pull: whose answer it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreV1Event } from '@kubernetes/client-node';
import { firstPulls, pullCode, pullMs } from '../../runtime/kube/kinds/pull-answers.ts';

const resolving =
  'rpc error: code = Unknown desc = failed to pull and unpack image "r.example.com/a/b:404": failed to resolve reference "r.example.com/a/b:404": ';

for (const [words, code] of [
  [`${resolving}r.example.com/a/b:404: not found`, 'pull.not_found'],
  [
    `${resolving}unexpected status from HEAD request to https://r.example.com/v2/a/b/manifests/404: 429 Too Many Requests`,
    'pull.too_many_requests',
  ],
  [
    'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    'pull.too_many_requests',
  ],
  [
    `${resolving}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example.com/token: 401 Unauthorized`,
    'pull.unauthorized',
  ],
  [
    `${resolving}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    'pull.unauthorized',
  ],
  [
    `${resolving}unexpected status from HEAD request to https://r.example.com/v2/a/b/manifests/404: 403 Forbidden`,
    'pull.unauthorized',
  ],
  [
    `${resolving}failed to do request: Head "https://r.example.com/v2/a/b/manifests/404": dial tcp: lookup r.example.com on 10.0.0.1:53: no such host`,
    'pull.unreachable',
  ],
  [
    `${resolving}failed to do request: Head "https://r.example.com/v2/": dial tcp 10.0.0.9:443: connect: connection refused`,
    'pull.unreachable',
  ],
  [
    `${resolving}failed to do request: Head "https://r.example.com/v2/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid`,
    'pull.unreachable',
  ],
  [
    `${resolving}failed to do request: Head "https://r.example.com/v2/": dial tcp 10.0.0.9:443: i/o timeout`,
    'pull.unreachable',
  ],
  [
    `${resolving}unexpected status from HEAD request to https://r.example.com/v2/a/b/manifests/404: 503 Service Unavailable`,
    'pull.registry_error',
  ],
  [
    'Error response from daemon: manifest for nginx:none not found: manifest unknown: manifest unknown',
    'pull.not_found',
  ],
  ['no space left on device', 'pull.failed'],
] as const)
  test(`${code}: ${words.slice(-80)}`, () => {
    assert.equal(pullCode(words), code);
  });

test('the time of a pull is read from the words of old and new kubelets', () => {
  const pulled = (rest: string) => pullMs(`Successfully pulled image "r.example.com/nginx:1.28" in ${rest}`);
  assert.equal(pulled('2.5s'), 2_500);
  assert.equal(pulled('180.5ms (1m2s including waiting). Image size: 21000000 bytes.'), 180.5);
  assert.equal(pulled('1m2.5s (1m2.5s including waiting)'), 62_500);
  assert.equal(pullMs('Container image "nginx" already present on machine'), undefined);
});

test('of a pod that pulls again and again the first time counts', () => {
  const event = (uid: string, second: number, took: string) =>
    ({
      involvedObject: { uid },
      firstTimestamp: new Date(`2026-03-01T00:00:0${second}Z`),
      message: `Successfully pulled image "r.example.com/nginx" in ${took}`,
    }) as CoreV1Event;
  const events = [event('a', 5, '20ms'), event('a', 1, '3s'), event('b', 2, '1s'), event('c', 2, '1s')];
  const nodes = new Map([
    ['a', 'node1'],
    ['b', 'node2'],
  ]);
  assert.deepEqual(firstPulls(events, nodes), [
    { node: 'node1', durationMs: 3_000 },
    { node: 'node2', durationMs: 1_000 },
  ]);
});
