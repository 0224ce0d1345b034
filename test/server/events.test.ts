import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
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
          payload: '[]',
        }),
      /one at a time/,
    ],
  ];
  for (const [send, expected] of cases) {
    const reply = await send();
    assert.equal(reply.statusCode, 400);
    assert.match(reply.json().message, expected);
  }
  assert.deepEqual(runner.starts, []);
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
