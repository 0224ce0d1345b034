import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { aRun, at } from '../results.ts';
import { aScene } from './app.ts';

const event = {
  name: 'Create Service',
  passing: false,
  info: [['boom', 2]] as unknown,
  namespace: 'kubee2etests',
  time: '2025-12-31 23:59:58',
};

async function scene(t: TestContext) {
  const { app, store, play } = await aScene(t);
  const post = (payload: unknown, contentType = 'application/json') =>
    app.inject({
      method: 'POST',
      url: '/update',
      headers: { 'content-type': contentType },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
  return { app, store, post, play };
}

test('takes a result in the original shape and answers word for word', async (t) => {
  const { post, store } = await scene(t);
  const reply = await post(event);
  assert.deepEqual([reply.statusCode, reply.body], [200, '{"result":"event put onto queue"}']);
  const { name, passing, details, namespace, at, status, suite } = store.rows()[0]!;
  assert.deepEqual(
    [name, passing, details, namespace, at, status, suite],
    ['Create Service', false, [['boom', 2]], 'kubee2etests', '2025-12-31T23:59:58.000Z', 'failed', ''],
  );
});

test('missing keys are named in the order of the contract', async (t) => {
  const { post, store } = await scene(t);
  const cases: [object, string][] = [
    [{}, 'name, passing, info, namespace, time'],
    [{ time: 1, namespace: 1 }, 'name, passing, info'],
    [{ ...event, info: undefined }, 'info'],
    [{ time: event.time, info: null, name: 'x' }, 'passing, namespace'],
  ];
  for (const [body, keys] of cases) {
    const reply = await post(body);
    assert.deepEqual(
      [reply.statusCode, reply.body],
      [422, `{"result":"Event object invalid: keys missing - ${keys}"}`],
    );
  }
  assert.deepEqual(store.rows(), []);
});

test('info is null or a list of [message, count]', async (t) => {
  const { post } = await scene(t);
  for (const info of [
    null,
    [],
    [['a', 1]],
    [
      ['a', 1],
      ['b', 0],
    ],
  ]) {
    assert.equal((await post({ ...event, info })).statusCode, 200, JSON.stringify(info));
  }
  for (const info of ['', 'text', {}, [1], ['a', 1], [['a']], [['a', '1']], [[1, 'a']], [['a', 1, 2]], [null], 0]) {
    const reply = await post({ ...event, info });
    assert.deepEqual(
      [reply.statusCode, reply.json().result],
      [422, 'Event object invalid: wrong types - info must be null or a list of [message, count]'],
    );
  }
});

test('wrong types are named, each with what it must be', async (t) => {
  const { post } = await scene(t);
  for (const durationMs of ['1e400', `${366 * 86_400_000}`]) {
    const payload = JSON.stringify({ ...event, durationMs: 0 }).replace('"durationMs":0', `"durationMs":${durationMs}`);
    const { statusCode, body } = await post(payload);
    assert.deepEqual([statusCode, /durationMs must be below a year/.test(body)], [422, true], durationMs);
  }
  const bad = { name: 5, passing: 'yes', info: null, namespace: null, time: 'yesterday', durationMs: -1, status: 'ok' };
  assert.equal(
    (await post(bad)).json().result,
    'Event object invalid: wrong types - name must be text, passing must be true or false, namespace must be text, time must be YYYY-MM-DD HH:MM:SS, durationMs must be a number, 0 or more, status must be passed, failed, errored, skipped',
  );
  for (const time of [
    '2025-02-30 00:00:00',
    '2025-01-01T00:00:00',
    '2025-13-01 00:00:00',
    '',
    5,
    '2025-01-01 24:00:01',
  ]) {
    assert.equal((await post({ ...event, time })).statusCode, 422, String(time));
  }
  for (const body of ['null', '[]', '5', '"text"', 'true']) {
    assert.equal((await post(body)).json().result, 'Event object invalid: not a JSON object');
  }
});

test('keys of our own are optional, and kept', async (t) => {
  const { post, store, app } = await scene(t);
  await post({ ...event, suite: 'service', run: 'r1', durationMs: 12.5, status: 'errored', unheard: 'of' });
  const { suite, run, durationMs, status } = store.rows()[0]!;
  assert.deepEqual([suite, run, durationMs, status], ['service', 'r1', 12.5, 'errored']);
  const { suites } = (await app.inject('/health')).json();
  assert.deepEqual([suites[2].suite, suites[2].state, suites[2].remote], ['service', 'errored', true]);
});

test('reads JSON whatever it calls itself, and refuses what is not JSON with 400', async (t) => {
  const { post } = await scene(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', '///']) {
    assert.equal((await post(event, type)).statusCode, 200, type);
  }
  for (const body of ['', '{', 'nonsense', '{"name":}', '\0']) {
    const reply = await post(body);
    assert.deepEqual([reply.statusCode, reply.json().message], [400, 'The body is not JSON']);
  }
  assert.equal((await post('x'.repeat(1_048_577))).statusCode, 413);
});

test('a hostile result is held in bounds and shown as text', async (t) => {
  const { post, app, play } = await scene(t);
  play(aRun('dns'));
  const script = '<script>alert(1)</script>';
  await post({ ...event, name: script, namespace: `"'&${script}`, info: [[`${script}${'x'.repeat(100_000)}`, 1]] });
  await post(
    `{"__proto__":{"name":"polluted"},"name":"a","passing":true,"info":null,"namespace":"b","time":"2025-01-01 00:00:00"}`,
  );
  const { body } = await app.inject('/');
  assert.ok(!body.includes('<script>'));
  assert.ok(body.includes('&lt;script&gt;alert(1)'));
  assert.ok(body.length < 20_000);
  assert.equal(({} as Record<string, unknown>).name, undefined);
});

test('a verdict that contradicts itself is refused', async (t) => {
  const { post, store } = await scene(t);
  for (const [passing, status] of [
    [false, 'passed'],
    [true, 'failed'],
    [true, 'skipped'],
  ]) {
    const reply = await post({ ...event, passing, status });
    assert.equal(reply.statusCode, 422);
    assert.match(reply.json().result, /^Event object invalid: passing and status contradict each other/);
  }
  assert.deepEqual(store.rows(), []);
  assert.equal((await post({ ...event, status: 'skipped' })).statusCode, 200);
});

test('five thousand large results of others make no page and no reply that cannot be sent', async (t) => {
  const { app, store } = await aScene(t);
  const row = { namespace: 'ns', passing: false, details: [['x'.repeat(4_000), 1]], at: at(0).toISOString() } as const;
  for (let number = 0; number < 5_000; number += 1)
    store.recordRemote({ ...row, name: `step ${number}`, suite: `suite_${number % 1_250}` });
  const page = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  assert.ok(page.body.length < 2_000_000, `${page.body.length} characters`);
  assert.match(page.body, /1050 more/);
  const reply = await app.inject('/results');
  assert.ok(reply.body.length < 8_000_000, `${reply.body.length} characters`);
  assert.equal(reply.json().results.length, 5_000);
});
