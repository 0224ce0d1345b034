import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { maintenanceWindows } from '../../runtime/config/maintenance-windows.ts';
import { createStore } from '../../runtime/memory/store.ts';
import { createMaintenance } from '../../runtime/process/maintenance-watch.ts';
import { aFailedRun, aRun, at, play } from '../results.ts';
import { aScene } from './app.ts';

async function scene(t: TestContext, { runToken, windows = '' }: { runToken?: string; windows?: string } = {}) {
  let minute = 0;
  const maintenance = createMaintenance({
    windows: maintenanceWindows(windows),
    timeZone: 'UTC',
    now: () => at(minute).getTime(),
  });
  t.after(maintenance.close);
  const here = await aScene(t, { maintenance, ...(runToken && { runToken }) });
  maintenance.subscribe(() => here.store.recordMaintenance());
  const ask = (method: 'GET' | 'POST' | 'DELETE', payload?: unknown, headers: Record<string, string> = {}) =>
    here.app.inject({
      ...{ method, url: '/maintenance', headers },
      ...(payload !== undefined && { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    });
  const to = (next: number) => {
    minute = next;
    here.to(next);
  };
  return { ...here, ask, to };
}

const reason = 'Nodes are replaced';
const asked = { minutes: 60, reason };
const since = at(0).toISOString();
const until = at(60).toISOString();

test('POST begins one, GET shows it and the next, DELETE ends it', async (t) => {
  const { ask } = await scene(t, { windows: '0 2 * * * 4h' });
  const next = { since: at(120).toISOString(), until: at(360).toISOString() };
  assert.deepEqual((await ask('GET')).json(), { maintenance: null, next });
  const reply = await ask('POST', asked);
  assert.equal(reply.statusCode, 200);
  assert.deepEqual(reply.json(), { maintenance: { since, until, by: 'call', reason }, next });
  assert.deepEqual((await ask('GET')).json(), reply.json());
  assert.deepEqual((await ask('POST', { minutes: 5 })).json().maintenance.until, at(5).toISOString());
  assert.deepEqual((await ask('DELETE')).json(), { maintenance: null, next });
  assert.equal((await ask('DELETE')).statusCode, 200);
});

test('what cannot be read says what was wrong and what to send', async (t) => {
  const { ask } = await scene(t);
  const cases: readonly (readonly [unknown, number, RegExp])[] = [
    ['minutes=60', 400, /^The body is not JSON: send minutes and a reason, as in \{"minutes": 60, "reason": /],
    ['', 400, /^The body is not JSON/],
    [[60], 422, /^The body is not an object/],
    [{}, 422, /^minutes must be a number from 1 to 10080, for how long nothing alerts, as in /],
    [{ minutes: '60' }, 422, /^minutes must be a number/],
    [{ minutes: 0 }, 422, /^minutes must be/],
    [{ minutes: 10_081 }, 422, /^minutes must be/],
    [{ minute: 5 }, 422, /^"minute" is not known here: send minutes and a reason/],
    [{ minutes: 5, reason: 7 }, 422, /^reason must be text of at most 300 characters, or be left out/],
    [{ minutes: 5, reason: 'x'.repeat(301) }, 422, /^reason must be text/],
    [{ minutes: 5, reason: 'x'.repeat(5_000) }, 413, /./],
  ];
  for (const [payload, statusCode, message] of cases) {
    const reply = await ask('POST', payload);
    assert.equal(reply.statusCode, statusCode, JSON.stringify(payload).slice(0, 80));
    assert.match(reply.json().message, message);
  }
  assert.equal((await ask('GET')).json().maintenance, null);
});

test('changes need the token where there is one, and never come from another site', async (t) => {
  const { ask } = await scene(t, { runToken: 'secret' });
  assert.equal((await ask('GET')).statusCode, 200);
  for (const method of ['POST', 'DELETE'] as const) {
    const body = method === 'POST' ? asked : undefined;
    assert.equal((await ask(method, body)).statusCode, 401);
    assert.equal((await ask(method, body, { authorization: 'Bearer other' })).statusCode, 403);
    const right = { authorization: 'Bearer secret' };
    assert.equal((await ask(method, body, { ...right, origin: 'https://evil.test' })).statusCode, 403);
    assert.equal((await ask(method, body, right)).statusCode, 200);
  }
});

test('/health is 200 during one and says what it would be; the verdict stays what it is', async (t) => {
  const { ask, app, play, to } = await scene(t);
  play(aRun('dns'), aFailedRun('http'));
  const health = async () => {
    const { statusCode, json } = await app.inject('/health');
    const { status, maintenance } = json();
    return [statusCode, status, maintenance];
  };
  assert.deepEqual(await health(), [503, 'failing', undefined]);
  await ask('POST', asked);
  const during = { since, until, by: 'call', reason };
  assert.deepEqual(await health(), [200, 'failing', { ...during, wouldBe: 503 }]);
  assert.deepEqual((await app.inject('/results')).json().maintenance, during);
  play(aRun('http', { id: 'http-2' }));
  assert.deepEqual(await health(), [200, 'passing', { ...during, wouldBe: 200 }]);
  to(61);
  assert.deepEqual(await health(), [503, 'stale', undefined]);
  assert.equal((await app.inject('/results')).json().maintenance, undefined);
});

test('every page says until when and why, and what a reason holds is no markup', async (t) => {
  const { ask, app, play } = await scene(t);
  play(aRun('dns'), aFailedRun('http'));
  await ask('POST', { minutes: 60, reason: ' <b>Nodes</b>\n are  replaced ' });
  for (const path of ['/', '/steps', '/episodes', '/suites/dns', '/runs/dns-1', '/none']) {
    const { body } = await app.inject({ url: path, headers: { accept: 'text/html' } });
    const note = body
      .match(/<div id="maintenance".*?<\/div>/)?.[0]
      .replaceAll(/<\/?(?:time|bdi|strong|svg|use)[^>]*>/g, '');
    assert.match(note ?? '', /Maintenance until 01:00: &lt;b&gt;Nodes&lt;\/b&gt; are replaced/, path);
  }
  await ask('DELETE');
  assert.match((await app.inject('/')).body, /<div id="maintenance" data-live data-state=""><\/div>/);
});

test('whoever listens at /events is told, and the routes are described', async (t) => {
  const { ask, app, store } = await scene(t);
  await ask('POST', asked);
  assert.deepEqual(
    store.eventsAfter(0)?.map(({ type, suite }) => [type, suite]),
    [['maintenance', '']],
  );
  const { body } = await app.inject('/openapi.json');
  assert.ok(JSON.parse(body).paths['/maintenance'].delete);
});

test('what was red in a maintenance alone is on the page of the episodes as that, and not in the feed', async (t) => {
  let inMaintenance = true;
  const store = createStore({ now: () => at(0), inMaintenance: () => inMaintenance });
  const { app } = await aScene(t, { store });
  play(store, aFailedRun('dns', { id: 'd1' }), aRun('dns', { id: 'd2' }));
  const tagged = /<span class="tag">maintenance<\/span>/g;
  const feed = async () => (await app.inject('/episodes.atom')).body.match(/<entry>/g)?.length ?? 0;
  assert.equal((await app.inject('/episodes')).body.match(tagged)?.length, 1);
  assert.equal((await app.inject('/episodes.json')).json()[0].maintenance, true);
  assert.equal((await app.inject('/suites/dns')).body.match(tagged)?.length, 2);
  assert.equal(await feed(), 0);
  inMaintenance = false;
  play(store, aFailedRun('dns', { id: 'd3' }));
  assert.equal(await feed(), 1);
  assert.equal((await app.inject('/episodes')).body.match(tagged)?.length, 1);
});
