/** Trouble of our own on the way to pods and names: errored, with the setting to change. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';

/** A proxy that answers every CONNECT with this. */
async function proxyThat(t: TestContext, answers: string): Promise<string> {
  const server = createServer().on('connect', (_, socket) =>
    socket.end(`HTTP/1.1 ${answers}\r\nContent-Length: 0\r\n\r\n`),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const [what, proxy, said] of [
  ['is down', 'http://127.0.0.1:9', /PROBE_PROXY http:\/\/127.0.0.1:9 cannot be reached \(ECONNREFUSED\)/],
  [
    'has a name that nobody knows',
    'http://egress.invalid:3128',
    /PROBE_PROXY .* cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
  ],
  ['wants a login', '407 Proxy Authentication Required', /PROBE_PROXY .* answers 407 and wants a login/],
  ['forbids it', '403 Forbidden', /PROBE_PROXY .* answers 403/],
] as const) {
  test(`a PROBE_PROXY that ${what} is errored, and nothing is said of pods`, async (t) => {
    const front = await openFront(t);
    const PROBE_PROXY = proxy.startsWith('http:') ? proxy : await proxyThat(t, proxy);
    const result = await front.run('http', { env: { PROBE_PROXY } });
    const findings = findingsIn(result);
    assert.equal(result.status, 'errored', findings[0]?.message);
    for (const { code, message } of findings) {
      assert.equal(code, 'k8s.prerequisite_missing');
      assert.match(message, said);
    }
    assert.equal(result.diagnosis?.component, 'setup');
  });
}

test('what a PROBE_PROXY cannot reach behind it is the fault of the cluster', async (t) => {
  const front = await openFront(t);
  const result = await front.run('http', {
    eventTimeoutSeconds: 1,
    env: { PROBE_PROXY: await proxyThat(t, '502 Bad Gateway') },
  });
  assert.equal(result.status, 'failed');
});

for (const [suite, step] of [
  ['http', /Request service by hostname/],
  ['dns', /Resolve/],
] as const) {
  test(`suite ${suite} in a cluster of another domain is errored, with the domain to set`, async (t) => {
    const front = await openFront(t);
    const result = await front.run(suite, { env: { CLUSTER_DOMAIN: 'k8s.corp.example' } });
    const [finding] = findingsIn(result);
    assert.equal(result.status, 'errored', finding?.message);
    assert.match(finding?.message ?? '', /not k8s.corp.example: set CLUSTER_DOMAIN=cluster.local/);
    assert.match(result.steps.find(({ status }) => status === 'errored')?.name ?? '', step);
  });
}

for (const [what, location, status] of [
  ['a port where nobody is', 'https://127.0.0.1:1/api', 301],
  ['a login page of another host', 'http://login.example/', 302],
  ['itself, by another method', '', 303],
  ['another host, by the same method', 'https://elsewhere.example/api', 307],
  ['what is no address', 'nowhere://', 308],
  ['itself, round and round', '', 307],
] as const) {
  test(`a gateway that begins in mid-run to redirect to ${what} is errored, and says so`, async (t) => {
    const front = await openFront(t, {
      answer: ({ url }) =>
        /\/services(\?|$)/.test(url) ? { status, headers: { location: location || url } } : undefined,
    });
    const result = await front.run('service', { eventTimeoutSeconds: 1 });
    const [finding] = findingsIn(result);
    assert.deepEqual([result.status, finding?.code], ['errored', 'k8s.prerequisite_missing'], finding?.message);
    assert.match(finding?.message ?? '', new RegExp(`REDIRECTED \\(to .*, ${status}\\)`));
    assert.match(finding?.message ?? '', /no API server sends its callers elsewhere/);
    assert.equal(result.diagnosis?.component, 'setup');
  });
}
