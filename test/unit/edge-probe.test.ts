/** What an answer at the address of a route means: whose it is, and whether it says anything of the cluster. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findingsOf } from '../../runtime/defects.ts';
import type { HttpTarget } from '../../runtime/model/probing.ts';
import type { RunScope } from '../../runtime/model/scope.ts';
import { createProbes } from '../../runtime/probes/index.ts';
import { suiteOf } from '../runs.ts';

const [first, second] = ['the page\n', 'the second page\n'];

/** Whoever serves the route, and the probe that asks. */
async function open(t: TestContext, handle: RequestListener) {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const nothing = () => {};
  const scope: RunScope = {
    id: 'r1',
    suite: suiteOf([], async () => {}),
    namespace: 'tests',
    signal: new AbortController().signal,
    ...{ note: nothing, waiting: nothing, observed: nothing, abort: nothing, measure: nothing },
  };
  const probes = createProbes(scope, { dnsServers: [], eventTimeoutMs: 400, inCluster: true });
  t.after(() => probes.close());
  const { port } = server.address() as AddressInfo;
  const target: HttpTarget = {
    resource: 'ingress',
    object: { kind: 'ingress', name: 'web' },
    host: '127.0.0.1',
    port,
    named: 'r1.example.invalid',
  };
  return { edge: probes.http.edge, target };
}

const found = (promise: Promise<unknown>) =>
  promise.then(
    () => [],
    (error: unknown) => findingsOf(error).map(({ code, blame, message }) => ({ code, blame, message })),
  );

for (const [status, headers, code, blame, words] of [
  [404, { server: 'nginx' }, 'edge.not_routed', 'cluster', /does not know its host: 404 \(Server: nginx\)/],
  [503, {}, 'edge.no_backend', 'cluster', /does not reach its pods: 503,/],
  [500, {}, 'edge.no_backend', 'cluster', /does not reach its pods: 500,/],
  [418, {}, 'edge.wrong_page', 'cluster', /another page is served for its host: 418 "nobody"/],
  [308, { location: 'https://x/' }, 'k8s.prerequisite_missing', 'us', /plain HTTP is redirected to https:\/\/x\/: 308/],
  [401, {}, 'k8s.prerequisite_missing', 'us', /wants a login: 401/],
] as const) {
  test(`${status} for a host that never has its page is ${code}`, async (t) => {
    const { edge, target } = await open(t, (_, response) => void response.writeHead(status, headers).end('nobody'));
    const [finding, ...more] = await found(edge.answers([target], { '/': first }));
    assert.deepEqual([finding?.code, finding?.blame, more], [code, blame, []]);
    assert.match(finding?.message ?? '', words);
  });
}

test('the host of the route is asked for, and each path has its page', async (t) => {
  const asked: unknown[] = [];
  const { edge, target } = await open(t, ({ headers, url }, response) => {
    asked.push(`${headers.host}${url}`);
    response.end(url === '/' ? first : second);
  });
  assert.equal((await edge.answers([target], { '/': first, '/second': second })).path, '/');
  // RFC 9110, 7.2: with the port where it is not the scheme's own.
  const host = `r1.example.invalid:${target.port}`;
  assert.deepEqual(asked, [`${host}/`, `${host}/second`]);
});

test('a change that loses one request is found, although the new page comes', async (t) => {
  let sent = 0;
  let isChanged = false;
  const { edge, target } = await open(t, (_, response) => {
    sent += 1;
    if (sent === 3) response.writeHead(503);
    response.end(isChanged ? second : first);
  });
  const change = async () => {
    isChanged = true;
  };
  const [finding] = await found(edge.follows(target, { from: first, to: second }, change));
  assert.equal(finding?.code, 'edge.lost_requests');
  assert.match(finding?.message ?? '', /^1 of \d+ requests were lost/);
});

test('a change that could not be made is its own finding, and ends the requests', async (t) => {
  const { edge, target } = await open(t, (_, response) => void response.end(first));
  const refused = new Error('refused');
  await assert.rejects(
    edge.follows(target, { from: first, to: second }, async () => {
      throw refused;
    }),
    refused,
  );
});

test('a page that goes and comes back, as of several that serve it, is still served', async (t) => {
  let sent = 0;
  const { edge, target } = await open(t, (_, response) => {
    sent += 1;
    response.writeHead(sent % 3 === 0 ? 200 : 404).end(sent % 3 === 0 ? second : 'none');
  });
  const [finding] = await found(edge.isUnserved(target, [first, second]));
  assert.equal(finding?.code, 'edge.still_served');
});
