/** Whatever is sent, nothing of our own making answers 5xx, and the process goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { aRun } from '../results.ts';
import { aScene } from './app.ts';

const runs = 400;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const paths = ['', 'run', 'run/dns', 'results', 'results/dns', 'results/dns/dns-1', 'health', 'livez', 'readyz'];
const morePaths = [
  'metrics',
  'update',
  'openapi.json',
  'run/',
  'results/x/y/z',
  'run/%zz',
  '%00',
  '//',
  '..%2f..',
  'favicon.ico',
];

const segment = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }).map(encode),
  fc.constantFrom('__proto__', '%', '%2e'),
);
const path = fc.oneof(
  fc.constantFrom(...paths, ...morePaths),
  fc.array(segment, { maxLength: 4 }).map((all) => all.join('/')),
);
const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    '?wait=false',
    '?wait=banana',
    '?wait[]=1',
    '?wait=true&wait=false',
    '?after=%ff',
    '?__proto__[a]=1',
    '?&&==',
    '?%',
  ),
  fc.string().map((value) => `?wait=${encode(value)}`),
);
const contentType = fc.constantFrom(
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded; charset=nonsense',
  '///',
  ';',
);
const headerText = fc.string({ maxLength: 40 }).map((value) => value.replace(/[^\x20-\x7e]/g, ''));
const headers = fc.record(
  {
    'content-type': contentType,
    accept: headerText,
    authorization: headerText,
    'ce-id': headerText,
    'ce-source': headerText,
    'ce-specversion': fc.constantFrom('1.0', '0.3', ''),
    'last-event-id': headerText,
    'content-encoding': fc.constantFrom('gzip', 'br'),
    host: headerText,
    'x-forwarded-for': headerText,
  },
  { requiredKeys: [] },
);
const update = fc.record(
  {
    name: fc.anything(),
    passing: fc.anything(),
    info: fc.oneof(fc.anything(), fc.array(fc.tuple(fc.string(), fc.anything()))),
    namespace: fc.anything(),
    time: fc.oneof(fc.anything(), fc.constant('2025-01-01 00:00:00')),
    suite: fc.anything(),
    durationMs: fc.anything(),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(fc.constant(''), fc.string({ unit: 'binary' }), fc.json(), update.map(asJson));

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function asJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));
}

function isParseable(url: string): boolean {
  return URL.canParse(url, 'http://localhost');
}

test('no request makes a 5xx of our own, and every refusal has the one shape', async (t) => {
  for (const runToken of [undefined, 'token']) {
    const { app, complaints, play } = await aScene(t, { runToken });
    play(aRun('dns'));
    const met = new Set<number>();
    const property = fc.asyncProperty(
      fc.constantFrom(...methods),
      fc
        .tuple(path, query)
        .map((parts) => `/${parts.join('')}`)
        .filter(isParseable),
      headers,
      body,
      async (method, url, given, payload) => {
        const reply = await app.inject({ method, url, headers: given, ...(method === 'POST' && { payload }) });
        met.add(reply.statusCode);
        const isVerdict = /^\/+health\/?($|\?)/.test(url);
        assert.ok(
          reply.statusCode < 500 || (isVerdict && reply.statusCode === 503),
          `${reply.statusCode}: ${reply.body}`,
        );
        assert.ok(!/ {4}at |node_modules/.test(reply.body), reply.body);
        if (reply.statusCode < 400 || isVerdict || method === 'HEAD') return;
        const answer = reply.json();
        if (reply.statusCode === 422) assert.match(answer.result, /^Event object invalid: /);
        else
          assert.deepEqual(
            [answer.statusCode, typeof answer.error, typeof answer.message],
            [reply.statusCode, 'string', 'string'],
          );
      },
    );
    await fc.assert(property, { numRuns: runs });
    assert.deepEqual(complaints, []);
    assert.ok(met.has(200) && met.has(404), `not all turned away at the door: ${[...met]}`);
  }
});

test('whatever object /update gets, it takes it or says what is wrong with it', async (t) => {
  const { app, complaints } = await aScene(t);
  const property = fc.asyncProperty(update, async (given) => {
    const reply = await app.inject({ method: 'POST', url: '/update', payload: asJson(given) });
    const { result } = reply.json();
    if (reply.statusCode === 200) return assert.equal(result, 'event put onto queue');
    assert.equal(reply.statusCode, 422);
    assert.match(result, /^Event object invalid: (keys missing|wrong types) - /);
  });
  await fc.assert(property, { numRuns: runs });
  assert.equal((await app.inject('/')).statusCode, 200);
  assert.deepEqual(complaints, []);
});

test('an object in the place of a number is a wrong type, whatever it says it is as a number', async (t) => {
  const { app } = await aScene(t);
  const given = {
    name: 'a',
    passing: true,
    info: null,
    namespace: 'n',
    time: '2026-11-29 04:05:06',
    durationMs: { toString: [] },
  };
  const reply = await app.inject({ method: 'POST', url: '/update', payload: given });
  assert.equal(reply.statusCode, 422);
  assert.match(reply.json().result, /durationMs/);
});

test('what is no HTTP at all is refused and harms nobody', { timeout: 20_000 }, async (t) => {
  const { app } = await aScene(t);
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const say = async (words: string) => {
    const socket = connect(Number(url.port), url.hostname).on('error', () => {});
    await once(socket, 'connect');
    socket.end(words);
    return text(socket).catch(() => '');
  };
  const nonsense = [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /run/dns HTTP/1.1\r\n\r\n',
    'POST /run/dns HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n',
    'POST /run/dns HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST /update HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /update HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"name"',
    `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    'GET /run/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    '\0\x01\x02\x03',
  ];
  for (const words of nonsense) {
    assert.doesNotMatch(await say(words), /^HTTP\/1\.1 5/, words.slice(0, 60));
  }
  assert.equal((await fetch(new URL('/livez', url))).status, 200);
});
