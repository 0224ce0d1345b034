import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { findingsOf } from '../../runtime/defects.ts';
import type { Measurement } from '../../runtime/model/measurement.ts';
import type { HttpTarget } from '../../runtime/model/probing.ts';
import type { RunScope } from '../../runtime/model/scope.ts';
import { createProbes } from '../../runtime/probes/index.ts';
import type { ProbeOptions } from '../../runtime/probes/probe-options.ts';
import { suiteOf } from '../runs.ts';

const page = 'the page\n';

function open(t: TestContext, options: Partial<ProbeOptions> = {}) {
  const measured: Measurement[] = [];
  const nothing = () => {};
  const tells = { note: nothing, waiting: nothing, observed: nothing, abort: nothing };
  const measure = (measurement: Measurement) => void measured.push(measurement);
  const { signal } = new AbortController();
  const scope: RunScope = {
    id: 'r1',
    suite: suiteOf([], async () => {}),
    namespace: 'tests',
    signal,
    measure,
    ...tells,
  };
  const defaults = { dnsServers: [], eventTimeoutMs: 500, inCluster: true };
  const probes = createProbes(scope, { ...defaults, ...options });
  t.after(() => probes.close());
  return { ...probes, measured };
}

/** A pod, or a service, that answers as told. */
async function serve(
  t: TestContext,
  handle: RequestListener,
  resource: 'pod' | 'service' = 'pod',
  host = '127.0.0.1',
): Promise<HttpTarget> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return { resource, object: { kind: resource, name: 'web' }, host, port };
}

const codesOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => [],
    (error: unknown) => findingsOf(error).map(({ code, count }) => `${code} ${count}`),
  );
const results = (measured: readonly Measurement[]) =>
  measured.flatMap((measurement) => (measurement.kind === 'http' ? [measurement.result] : []));

test('Host names what was asked for: an IPv6 address in brackets, and the port', async (t) => {
  const hosts: unknown[] = [];
  const target = await serve(
    t,
    ({ headers }, response) => {
      hosts.push(headers.host);
      response.end(page);
    },
    'pod',
    '::1',
  );
  const { http } = open(t, { eventTimeoutMs: 10_000 });

  await http.requestEach([target], page);

  assert.deepEqual(hosts, [`[::1]:${target.port}`]);
});

test('each request has a connection and a User-Agent of its own, with the id of the run', async (t) => {
  const agents: unknown[] = [];
  const ports = new Set<number | undefined>();
  const target = await serve(t, (request, response) => {
    agents.push(request.headers['user-agent']);
    ports.add(request.socket.remotePort);
    response.end(page);
  });
  const { http, measured } = open(t);
  await http.requestEach([target, target, target], page);
  assert.deepEqual(agents.toSorted(), ['kube-e2etests/r1-1', 'kube-e2etests/r1-2', 'kube-e2etests/r1-3']);
  assert.equal(ports.size, 3);
  assert.deepEqual(results(measured), ['200', '200', '200']);
  assert.deepEqual(http.answered.map(({ userAgent }) => userAgent).toSorted(), agents.toSorted());
});

test('another page is a wrong response, and no answer that a log must show', async (t) => {
  const target = await serve(t, (_, response) => void response.end('nginx welcomes you'));
  const { http, measured } = open(t);
  assert.deepEqual(await codesOf(http.requestEach([target], page)), ['http.wrong_response 1']);
  assert.deepEqual(results(measured), ['wrong_response']);
  assert.deepEqual(http.answered, []);
});

test('another status is told by its number', async (t) => {
  const target = await serve(t, (_, response) => void response.writeHead(503).end(page));
  const { http, measured } = open(t);
  assert.deepEqual(await codesOf(http.requestEach([target], page)), ['http.status 1']);
  assert.deepEqual(results(measured), ['503']);
});

test('a pod that refuses connections is found, and the others are asked all the same', async (t) => {
  const good = await serve(t, (_, response) => void response.end(page));
  const { http, measured } = open(t);
  const closed = { ...good, port: 1 };
  assert.deepEqual(await codesOf(http.requestEach([closed, good], page)), ['http.connection_error 1']);
  assert.deepEqual(results(measured), ['connection_error', '200']);
});

test('a service is waited for until its first answer, which is not counted', async (t) => {
  let asked = 0;
  const target = await serve(
    t,
    (request, response) => {
      if (++asked < 3) request.socket.destroy();
      else response.end(page);
    },
    'service',
  );
  const { http, measured } = open(t, { eventTimeoutMs: 10_000 });
  await http.requestService(target, 6, page);
  assert.equal(asked, 3 + 6);
  const reachable = measured.filter((measurement) => 'action' in measurement && measurement.action === 'reachable');
  assert.equal(reachable.length, 1);
  assert.deepEqual(results(measured), Array(6).fill('200'));
});

test('a service that answers with another page is not waited for: every request says so', async (t) => {
  const target = await serve(t, (_, response) => void response.end('nginx welcomes you'), 'service');
  const { http, measured } = open(t);
  assert.deepEqual(await codesOf(http.requestService(target, 6, page)), ['http.wrong_response 6']);
  assert.deepEqual(results(measured), Array(6).fill('wrong_response'));
});

test('after its first answer a service may not miss once', async (t) => {
  let asked = 0;
  const target = await serve(t, (_, response) => void response.end(++asked === 4 ? 'oops' : page), 'service');
  const { http, measured } = open(t);
  assert.deepEqual(await codesOf(http.requestService(target, 6, page)), ['http.wrong_response 1']);
  assert.equal(results(measured).filter((result) => result === '200').length, 5);
});

test('a service that settles may miss at first, one that stands may not', async (t) => {
  for (const [settling, codes] of [
    [true, []],
    [false, ['http.connection_error 1']],
  ] as const) {
    let asked = 0;
    const handle: RequestListener = (request, response) =>
      ++asked === 4 ? void request.socket.destroy() : void response.end(page);
    const target = await serve(t, handle, 'service');
    const { http, measured } = open(t);
    assert.deepEqual(await codesOf(http.requestService(target, 6, page, { settling })), codes);
    assert.equal(results(measured).length, 6);
  }
});

test('a request that hangs while a service settles is sent anew after a second, and how long that went on is a figure', async (t) => {
  let asked = 0;
  const handle: RequestListener = (_, response) => void (++asked === 4 || response.end(page));
  const target = await serve(t, handle, 'service');
  const { http, measured } = open(t, { eventTimeoutMs: 60_000 });
  const began = performance.now();
  await http.requestService(target, 6, page, { settling: true });
  const tookMs = performance.now() - began;
  assert.ok(tookMs > 1_000 && tookMs < 3_000, `${tookMs} ms`);
  const [settle] = measured.filter((measurement) => 'action' in measurement && measurement.action === 'settle');
  assert.ok(settle && 'durationMs' in settle && settle.durationMs > 1_000, JSON.stringify(settle));
});

test('a service that takes longer than the first attempt may is slow, and answers', async (t) => {
  const handle: RequestListener = (_, response) => void setTimeout(() => response.end(page), 1_200);
  const target = await serve(t, handle, 'service');
  const { http } = open(t, { eventTimeoutMs: 20_000 });
  assert.deepEqual(await codesOf(http.requestService(target, 6, page, { settling: true })), []);
});

test('a service that settles must not miss for ever', async (t) => {
  let asked = 0;
  const handle: RequestListener = (request, response) =>
    ++asked > 1 ? void request.socket.destroy() : void response.end(page);
  const target = await serve(t, handle, 'service');
  const { http } = open(t);
  assert.deepEqual(await codesOf(http.requestService(target, 6, page, { settling: true })), [
    'http.connection_error 6',
  ]);
});

test('a service that never answers is timeout.waiting_on_endpoints', async (t) => {
  const target = await serve(t, (request) => void request.socket.destroy(), 'service');
  const { http } = open(t, { eventTimeoutMs: 250 });
  assert.deepEqual(await codesOf(http.requestService(target, 6, page)), ['timeout.waiting_on_endpoints 1']);
});

/** A DNS server that answers every question about an A record alike. */
async function serveDns(
  t: TestContext,
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED',
  address?: string,
): Promise<string> {
  const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address: from }) => {
    const { id, questions = [] } = decode(message);
    const data = questions[0]?.type === 'A' ? address : undefined;
    const answers = data ? [{ type: 'A' as const, name: questions[0]?.name ?? '', ttl: 1, data }] : [];
    socket.send(encode({ type: 'response', id, flags: codes[rcode], questions, answers }), port, from);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

test('a name that every DNS server knows passes', async (t) => {
  const servers = [await serveDns(t, 'NOERROR', '10.96.0.1'), await serveDns(t, 'NOERROR', '10.96.0.1')];
  const { dns, measured } = open(t, { dnsServers: servers });
  await dns.resolve('kubernetes.default');
  assert.deepEqual(measured, Array(2).fill({ kind: 'dns', result: 'healthy' }));
});

for (const [rcode, code] of [
  ['NXDOMAIN', 'dns.nxdomain'],
  ['SERVFAIL', 'dns.servfail'],
  ['REFUSED', 'dns.refused'],
  ['NOERROR', 'dns.no_answer'],
] as const) {
  test(`one DNS server of two that says ${rcode} without an address is found: ${code}`, async (t) => {
    const servers = [await serveDns(t, 'NOERROR', '10.96.0.1'), await serveDns(t, rcode)];
    const { dns } = open(t, { dnsServers: servers });
    assert.deepEqual(await codesOf(dns.resolve('kubernetes.default')), [`${code} 1`]);
  });
}

test('a service is asked by its name through the DNS servers that were set', async (t) => {
  const target = await serve(t, (_, response) => void response.end(page), 'service');
  const { http } = open(t, { dnsServers: [await serveDns(t, 'NOERROR', '127.0.0.1')] });
  await http.requestService({ ...target, host: 'web.tests.svc.cluster.local' }, 2, page);
  assert.equal(http.answered.length, 3);
});

test('a service whose name is not known is the finding of the DNS server, not a time-out', async (t) => {
  const target = await serve(t, (_, response) => void response.end(page), 'service');
  const { http } = open(t, { dnsServers: [await serveDns(t, 'NXDOMAIN')], eventTimeoutMs: 250 });
  const asked = http.requestService({ ...target, host: 'web.tests.svc.cluster.local' }, 2, page);
  assert.deepEqual(await codesOf(asked), ['dns.nxdomain 1']);
});
