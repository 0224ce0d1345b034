import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { createRemote } from '../../runtime/sinks/remote.ts';
import { aFailedRun, aFinding, aRun, aStep, evidenceOf, play } from '../results.ts';

/** Answers with the statuses given, then 200; `until` resolves once so many bodies have come. */
async function aDashboard(t: TestContext, ...statuses: number[]) {
  const seen: { body: Record<string, unknown>; request: IncomingMessage }[] = [];
  const waiters: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ body: JSON.parse(await text(request)), request });
    response.writeHead(statuses.shift() ?? 200).end('{"message":"so it is"}');
    for (const look of waiters) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/base`;
  return {
    url,
    seen,
    until: (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = () => seen.length >= count && resolve();
        waiters.push(look);
        look();
      }),
  };
}

const steps = <Seen extends { readonly request: IncomingMessage }>(seen: readonly Seen[]) =>
  seen.filter(({ request }) => request.method === 'POST');

function aLog() {
  const lines: string[] = [];
  const { promise: first, resolve } = Promise.withResolvers<string>();
  const warn = (_: object, message: string) => {
    lines.push(message);
    resolve(message);
  };
  return { lines, first, warn, info: warn };
}

test("reports each finished step in the original's shape, in order, with the token", async (t) => {
  const { url, seen } = await aDashboard(t);
  const sink = createRemote({ url, token: 'secret', log: aLog() });
  play(sink, aFailedRun('dns', { id: 'r1' }), aRun('http', { id: 'r2' }));
  await sink.close?.();
  assert.deepEqual(seen[0]?.body, {
    name: 'Create Deployment',
    passing: false,
    info: [['timeout.waiting_on_phase: Expected 3 pods Ready, saw 2 after 60 s', 1]],
    namespace: 'kubee2etests-dns',
    time: '2026-01-01 00:00:00',
    suite: 'dns',
    run: 'r1',
    durationMs: 25,
    status: 'failed',
  });
  assert.deepEqual(
    steps(seen).map(({ body }) => [body.suite, body.name, body.info === null]),
    [
      ['dns', 'Create Deployment', false],
      ['http', 'Create Deployment', true],
      ['http', 'Delete Deployment', true],
    ],
  );
  assert.equal(seen[0]?.request.url, '/base/update');
  assert.ok(seen.every(({ request }) => request.headers.authorization === 'Bearer secret'));
});

test('reports each run whole after its steps, at the verdict and after the clean-up, without evidence and figures', async (t) => {
  const { url, seen } = await aDashboard(t);
  const sink = createRemote({ url, log: aLog() });
  const evidence = evidenceOf('pulled');
  const step = aStep('Create', 'failed', { findings: Array.from({ length: 60 }, () => aFinding({ evidence })) });
  play(sink, aFailedRun('dns', { id: 'r1', steps: [step] }));
  await sink.close?.();
  assert.deepEqual(
    seen.map(({ request }) => [request.method, request.url]),
    [
      ['POST', '/base/update'],
      ['PUT', '/base/results/dns/r1'],
      ['PUT', '/base/results/dns/r1'],
    ],
  );
  const { id, suite, status, steps: kept } = seen.at(-1)!.body as unknown as RunResult;
  assert.deepEqual([id, suite, status], ['r1', 'dns', 'failed']);
  assert.deepEqual(kept, [{ ...step, measurements: [], findings: Array.from({ length: 50 }, () => aFinding()) }]);
});

test('says of each run how long ago it ended when it is sent, not when it was queued', async (t) => {
  const { url, seen, until } = await aDashboard(t, 503, 503);
  const sink = createRemote({ url, log: aLog(), retryMs: 60 });
  play(sink, aFailedRun('dns', { id: 'r1', steps: [] }));
  await until(4);
  await sink.close?.();
  const ages = seen.map(({ body }) => (body as { endedAgoMs?: number }).endedAgoMs ?? -1);
  assert.ok(ages[0]! >= 0 && ages[0]! < ages[1]! && ages[1]! < ages[2]!, String(ages));
});

test('what knows no runs, as the original, is not asked again for the same one, and the log says so once', async (t) => {
  for (const unknown of [404, 405, 501]) {
    const { url, seen } = await aDashboard(t, 200, unknown, unknown, 200, unknown);
    const log = aLog();
    const sink = createRemote({ url, log });
    play(sink, aRun('dns', { id: 'r1', steps: [aStep('first')] }), aRun('dns', { id: 'r2', steps: [aStep('second')] }));
    await sink.close?.();
    assert.deepEqual(
      seen.map(({ request: { method, url: path } }) => `${method} ${path}`),
      [
        'POST /base/update',
        'PUT /base/results/dns/r1',
        'PUT /base/results/dns/r1',
        'POST /base/update',
        'PUT /base/results/dns/r2',
        'PUT /base/results/dns/r2',
      ],
      'it may know them when the next one comes',
    );
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0]!, /takes steps, and no runs to keep as history: it answers \d+ to PUT/);
  }
});

test('a run that is larger than what is taken is sent with less in it', async (t) => {
  const { url, seen } = await aDashboard(t);
  const sink = createRemote({ url, log: aLog() });
  const findings = Array.from({ length: 50 }, (_, index) => aFinding({ message: `${index} ${'ä'.repeat(900)}` }));
  const steps = Array.from({ length: 12 }, (_, index) => aStep(`Step ${index}`, 'failed', { findings }));
  play(sink, aFailedRun('dns', { id: 'r1', steps }));
  await sink.close?.();
  const { body } = seen.at(-1)!;
  assert.ok(Buffer.byteLength(JSON.stringify(body)) <= 256 * 1024);
  const kept = body as unknown as RunResult;
  assert.deepEqual([kept.status, kept.steps.length, kept.steps[0]?.findings.length], ['failed', 12, 10]);
});

test('sends again what was answered 503 or 429, gives up on what was refused, and warns once per outage', async (t) => {
  const { url, seen, until } = await aDashboard(t, 503, 429, 200, 422);
  const log = aLog();
  const sink = createRemote({ url, log, retryMs: 1 });
  play(sink, aRun('dns', { steps: [aStep('first'), aStep('second'), aStep('third')] }));
  await until(5);
  await sink.close?.();
  assert.deepEqual(
    steps(seen).map(({ body }) => body.name),
    ['first', 'first', 'first', 'second', 'third'],
  );
  assert.deepEqual(
    log.lines.map((line) => line.replace(/^.*?: /, '')),
    [
      'it answers 503 to POST /base/update: {"message":"so it is"}',
      'it answers 422 to POST /base/update: {"message":"so it is"}',
    ],
  );
});

test('keeps the newest results while nobody can be reached, and ends at close all the same', async () => {
  const log = aLog();
  const sink = createRemote({ url: 'http://127.0.0.1:1', log, capacity: 2, retryMs: 60_000 });
  play(sink, aRun('dns'), aRun('http'));
  await log.first;
  const began = performance.now();
  await sink.close?.();
  assert.ok(performance.now() - began < 4_500);
  assert.equal(log.lines.length, 1);
  assert.match(log.lines[0]!, /^Results do not reach http:\/\/127\.0\.0\.1:1: /);
});

test('gives up on a process that takes the connection and never answers', async (t) => {
  const log = aLog();
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const sink = createRemote({ url, log, requestMs: 50 });
  play(sink, aRun('dns'));
  await sink.close?.();
  assert.equal(log.lines.length, 1);
});

/** Answers as told, and tells what it was asked. */
async function aServer(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body.length > 2}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

test('a redirect on the same host is followed, with method, body and token', async (t) => {
  for (const status of [301, 302, 307, 308]) {
    const to = await aServer(t, (_, response) => response.end());
    const from = await aServer(t, ({ url }, response) =>
      response.writeHead(status, { location: `${to.url}/moved${url}` }).end(),
    );
    const log = aLog();
    const sink = createRemote({ url: `${from.url}/e2e`, token: 'abc', log });
    play(sink, aRun('dns', { id: 'r1' }));
    await sink.close?.();
    assert.equal(to.asked[0], 'POST /moved/e2e/update Bearer abc true');
    assert.ok(to.asked.includes('PUT /moved/e2e/results/dns/r1 Bearer abc true'), `${status}`);
    assert.deepEqual(log.lines, []);
  }
});

test('a redirect to another host, in a circle, or to nobody is told, with where it leads; the token goes nowhere else', async (t) => {
  const other = await aServer(t, (_, response) => response.end());
  const cases: [(url: string | undefined) => string, RegExp][] = [
    [
      (url) => `http://localhost:${other.port}${url}`,
      /answers 308 to POST \/update: it redirects to http:\/\/localhost:\d+\/update; set REPORT_URL/,
    ],
    [(url) => `${url}`, /answers 308 .*redirects to .*; set REPORT_URL/],
    [() => 'https://127.0.0.1:1/update', /it redirects to https:\/\/127\.0\.0\.1:1\/update, and there .*ECONNREFUSED/],
    [() => 'ftp://127.0.0.1/', /it redirects to/],
  ];
  for (const [location, expected] of cases) {
    const from = await aServer(t, ({ url }, response) => response.writeHead(308, { location: location(url) }).end());
    const log = aLog();
    const sink = createRemote({ url: from.url, token: 'abc', log });
    play(sink, aRun('dns'));
    assert.match(await log.first, expected);
    await sink.close?.();
  }
  assert.deepEqual(other.asked, []);
});

test('an answer that never ends is read to a bound', async (t) => {
  const page = await aServer(t, (_, response) => {
    response.writeHead(400);
    const more = () => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const log = aLog();
  const sink = createRemote({ url: page.url, log });
  play(sink, aRun('dns'));
  const line = await log.first;
  assert.match(line, /answers 400 to POST \/update: x+…$/);
  assert.ok(line.length < 500);
  await sink.close?.();
});
