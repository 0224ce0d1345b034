import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { product } from '../built/index.ts';
import { aFailedRun, aFinding, aRun, aStep, evidenceOf } from '../results.ts';
import { aScene } from './app.ts';

const { Held } = product;

const ping = { 'ce-specversion': '1.0', 'ce-type': 'dev.knative.sources.ping', 'ce-source': '/pings/dns' };

async function scene(t: TestContext, names = ['dns', 'http']) {
  const { app, runner } = await aScene(t, { names });
  const binary = (id: string, url = '/run/dns', headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, headers: { ...ping, 'ce-id': id, ...headers } });
  const structured = (event: unknown, url = '/run/dns') =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      payload: typeof event === 'string' ? event : JSON.stringify(event),
    });
  return { app, runner, binary, structured };
}

test('an event runs the suite and is answered 200 with the result, whatever the verdict', async (t) => {
  const { runner, binary } = await scene(t);
  for (const status of ['passed', 'failed', 'errored'] as const) {
    runner.answer(() => aFailedRun('dns', { status }));
    const reply = await binary(status);
    assert.deepEqual([reply.statusCode, reply.json().status], [200, status]);
  }
  assert.deepEqual(
    runner.starts.map(({ trigger }) => trigger),
    ['event', 'event', 'event'],
  );
});

test('a repeated id gets the first result and no second run, while it runs and afterwards', async (t) => {
  const { runner, binary } = await scene(t);
  runner.hold();
  const both = Promise.all([binary('1'), binary('1')]);
  await runner.started(1);
  const findings = [aFinding({ evidence: evidenceOf('kept in the store only') })];
  runner.end('dns', aFailedRun('dns', { id: 'the one', steps: [aStep('Resolve', 'failed', { findings })] }));
  for (const reply of await both) assert.equal(reply.json().id, 'the one');
  const later = (await binary('1')).json();
  assert.equal(later.id, 'the one');
  assert.deepEqual(later.steps[0].findings, [aFinding()]);
  assert.equal(runner.starts.length, 1);
});

test('another id, another source or another suite is another event', async (t) => {
  const { runner, binary } = await scene(t);
  await binary('1');
  await binary('2');
  await binary('1', '/run/dns', { 'ce-source': '/pings/other' });
  await binary('1', '/run/http');
  assert.equal(runner.starts.length, 4);
});

test('a structured event is the same as a binary one', async (t) => {
  const { runner, binary, structured } = await scene(t);
  const event = { specversion: '1.0', type: 'any', source: '/pings/dns', id: '7' };
  assert.equal((await structured(event)).statusCode, 200);
  assert.equal((await structured(event)).statusCode, 200);
  assert.equal((await binary('7')).statusCode, 200);
  assert.equal(runner.starts.length, 1);
});

test('an event that found the namespace held may try again', async (t) => {
  const { runner, binary } = await scene(t);
  runner.answer(() => new Held('pod-b', 1_000, 'ns'));
  assert.equal((await binary('1')).statusCode, 409);
  runner.answer(() => aRun('dns'));
  assert.equal((await binary('1')).statusCode, 200);
});

test('while shutting down an event is refused, so that its sender tries another process', async (t) => {
  const { runner, binary } = await scene(t);
  runner.shutDown();
  assert.equal((await binary('1')).statusCode, 503);
});

test('an event that cannot be told apart is refused with what it lacks', async (t) => {
  const { app, runner, structured } = await scene(t);
  const cases: [() => ReturnType<typeof structured>, RegExp][] = [
    [() => app.inject({ method: 'POST', url: '/run/dns', headers: ping }), /header ce-id/],
    [() => app.inject({ method: 'POST', url: '/run/dns', headers: { 'ce-id': '1' } }), /header ce-specversion/],
    [() => structured({ specversion: '1.0', id: 5, source: '/' }), /attribute id/],
    [() => structured({ specversion: '0.3', id: '5', source: '/' }), /specversion 1\.x/],
    [() => structured({ specversion: '1.0', id: '5' }), /attribute source/],
    [() => structured('{"specversion'), /not JSON/],
    [() => structured('null'), /not an object/],
    [() => structured(''), /not JSON/],
    [
      () =>
        app.inject({
          method: 'POST',
          url: '/run/dns',
          headers: { 'content-type': 'application/cloudevents-batch+json' },
          payload: '[{"specversion":"1.0","id":"1","source":"/"},{"specversion":"1.0","id":"2"}]',
        }),
      /attribute \[1\]\.source/,
    ],
  ];
  for (const [send, expected] of cases) {
    const reply = await send();
    assert.equal(reply.statusCode, 400);
    assert.match(reply.json().message, expected);
  }
  assert.deepEqual(runner.starts, []);
});

test('an event is answered with an event: a Broker takes nothing else, and it names the cluster', async (t) => {
  const { runner, binary } = await scene(t);
  const cluster = { name: 'prod "eu" ü', server: 'https://10.0.0.1:6443', version: 'v1.34.1' };
  runner.answer(() => ({ ...aRun('dns', { id: 'r1' }), cluster }));
  const { headers, body } = await binary('1');
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  assert.deepEqual(Object.fromEntries(attributes), {
    'ce-specversion': '1.0',
    'ce-id': 'r1',
    'ce-source': '/kube-e2etests/prod%2520%2522eu%2522%2520%25C3%25BC',
    'ce-type': 'io.kube-e2etests.run.finished',
    'ce-subject': 'dns',
    'ce-time': aRun('dns').finishedAt,
    'ce-cluster': 'prod%20%22eu%22%20%C3%BC',
    'ce-verdict': 'passed',
  });
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.deepEqual(JSON.parse(body).cluster, cluster);
});

test('nobody who waits for it: an event is answered with nothing at all', async (t) => {
  const { runner, binary } = await scene(t);
  runner.hold();
  const { statusCode, headers, body } = await binary('1', '/run/dns?wait=false');
  assert.deepEqual([statusCode, headers.location, body], [202, '/runs/dns-1', '']);
});

test('our own answer, which a Broker without a filter brings back, starts nothing', async (t) => {
  const { runner, binary } = await scene(t);
  const { headers } = await binary('1');
  const back = { 'ce-type': String(headers['ce-type']), 'ce-source': String(headers['ce-source']) };
  const { statusCode, body } = await binary(String(headers['ce-id']), '/run/dns', back);
  assert.deepEqual([statusCode, body, runner.starts.length], [204, '', 1]);
});

test('each event of a batch is taken, and known again by itself', async (t) => {
  const { app, runner, structured } = await scene(t);
  const event = (id: string) => ({ specversion: '1.0', type: 'any', source: '/pings/dns', id });
  const batch = (events: unknown, url = '/run/dns') =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
      payload: JSON.stringify(events),
    });
  const reply = await batch([event('1'), event('2')]);
  assert.equal(reply.statusCode, 200);
  assert.match(String(reply.headers['content-type']), /^application\/cloudevents-batch\+json/);
  const answers = reply.json();
  assert.deepEqual(
    answers.map(({ specversion, type, subject, data }: never) => [
      specversion,
      type,
      subject,
      (data as RunResult).status,
    ]),
    [['1.0', 'io.kube-e2etests.run.finished', 'dns', 'passed']],
    'both are one run: the second joined the first',
  );
  const { length } = runner.starts;
  for (const id of ['1', '2']) assert.equal((await structured(event(id))).json().id, answers[0].data.id);
  assert.equal(runner.starts.length, length);
  assert.equal((await batch([])).statusCode, 204);
  assert.equal((await batch([event('3')], '/run/dns?wait=false')).body, '');
});

test('an event in a format that is not read is refused, and starts nothing', async (t) => {
  const { app, runner } = await scene(t);
  for (const type of ['protobuf', 'avro', 'xml']) {
    const headers = { 'content-type': `application/cloudevents+${type}` };
    const reply = await app.inject({ method: 'POST', url: '/run/dns', headers, payload: 'x' });
    assert.deepEqual([reply.statusCode, runner.starts.length], [415, 0], type);
    assert.match(reply.json().message, /application\/cloudevents\+json/);
  }
});

test('a percent-encoded header is the same event as the attribute in a body', async (t) => {
  const { runner, binary, structured } = await scene(t);
  await binary('Caf%C3%A9');
  await structured({ specversion: '1.0', type: 'any', source: '/pings/dns', id: 'Café' });
  assert.equal(runner.starts.length, 1);
});

test('POST / runs the suite of a process that serves one, as Knative calls it', async (t) => {
  const { app, runner, binary } = await scene(t, ['dns']);
  assert.equal((await binary('1', '/')).statusCode, 200);
  assert.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 200);
  assert.deepEqual(
    runner.starts.map(({ suite, trigger }) => [suite, trigger]),
    [
      ['dns', 'event'],
      ['dns', 'http'],
    ],
  );
});

test('POST / of a process that serves several says how to name one', async (t) => {
  const { binary } = await scene(t);
  const reply = await binary('1', '/');
  assert.equal(reply.statusCode, 404);
  assert.match(reply.json().message, /POST \/run\/<suite>\. Known: dns, http$/);
});
