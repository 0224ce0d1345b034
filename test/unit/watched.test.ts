import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type V1Pod, Watch } from '@kubernetes/client-node';
import { Defect } from '../../runtime/defects.ts';
import { Calls } from '../../runtime/kube/client/calls.ts';
import { createObjectClient } from '../../runtime/kube/client/objects.ts';
import { createTransport } from '../../runtime/kube/client/transport.ts';
import { type Look, Watched } from '../../runtime/kube/client/watched.ts';
import { pods } from '../../runtime/kube/kinds/pod.ts';
import { answer, playApiServer, refuse, sendEvent } from '../api-server.ts';

const path = '/api/v1/namespaces/tests/pods';
const pod = (name: string, version: string): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: `uid-${name}`, resourceVersion: version },
});

/** A namespace with pods in it: `lists` answers each LIST in turn (the last one stays), `watch` takes each watch. */
async function follow(
  t: TestContext,
  lists: (V1Pod[] | Promise<V1Pod[]>)[],
  watch: (response: ServerResponse, nth: number, from: string) => void,
) {
  let listed = 0;
  let watches = 0;
  const { config, requests } = await playApiServer(t, async ({ query }, response) => {
    if (query.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return watch(response, ++watches, query.get('resourceVersion') ?? '');
    }
    const nth = ++listed;
    const items = await lists[Math.min(nth, lists.length) - 1];
    return answer(response, 200, {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: `${100 * nth}` },
      items,
    });
  });
  const api = createObjectClient(createTransport(config));
  const run = new AbortController();
  const list = async () => {
    const { items, metadata } = await api.list(pods, { namespace: 'tests' }, run.signal);
    return { items, resourceVersion: metadata?.resourceVersion ?? '' };
  };
  const calls = new Calls();
  const watched = new Watched<V1Pod>(new Watch(config), calls, { what: 'pods', path, list }, run.signal);
  t.after(() => watched.stop());
  await watched.start();
  const until = (count: number, patienceMs = 5_000) =>
    watched.until(
      {
        look: (pods): Look<number> =>
          pods.length === count ? { done: true, value: count } : { done: false, why: `${pods.length} pods` },
        timedOut: (_, why) => new Defect('timeout.events', why),
      },
      patienceMs,
      run.signal,
      () => {},
    );
  return { watched, until, requests, calls, run };
}

const names = (watched: Watched<V1Pod>) => watched.objects.map(({ metadata }) => metadata?.name).sort();

test('begins from the version of its list and follows what is added, changed and deleted', async (t) => {
  const { watched, until } = await follow(t, [[pod('a', '1')]], (response, nth, from) => {
    assert.equal(from, nth === 1 ? '100' : '103');
    if (nth > 1) return;
    sendEvent(response, 'ADDED', pod('b', '101'));
    sendEvent(response, 'MODIFIED', pod('a', '102'));
    sendEvent(response, 'DELETED', pod('a', '103'));
    sendEvent(response, 'ADDED', pod('c', '103'));
  });
  await until(2);
  assert.deepEqual(names(watched), ['b', 'c']);
});

test('objects are held by uid: the same event twice is one pod', async (t) => {
  const { until } = await follow(t, [[]], (response, nth) => {
    if (nth > 1) return;
    for (const version of ['101', '102', '103']) sendEvent(response, 'MODIFIED', pod('a', version));
    sendEvent(response, 'ADDED', pod('b', '104'));
  });
  assert.equal(await until(2), 2);
});

test('goes on from the last version after a watch that the server ended', async (t) => {
  const froms: string[] = [];
  const { until } = await follow(t, [[]], (response, nth, from) => {
    froms.push(from);
    sendEvent(response, 'ADDED', pod(`pod-${nth}`, `10${nth}`));
    if (nth === 1) response.end();
  });
  await until(2);
  assert.deepEqual(froms, ['100', '101']);
});

test('a bookmark moves the version and nothing else', async (t) => {
  const froms: string[] = [];
  const { watched, until } = await follow(t, [[]], (response, nth, from) => {
    froms.push(from);
    if (nth > 1) return sendEvent(response, 'ADDED', pod('a', '501'));
    sendEvent(response, 'BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '500' } });
    response.end();
  });
  await until(1);
  assert.deepEqual(froms, ['100', '500']);
  assert.deepEqual(names(watched), ['a']);
});

test('lists again after a dropped connection and sees what it missed', async (t) => {
  const { until, requests } = await follow(t, [[], [pod('a', '150')]], (response, nth) => {
    if (nth === 1) setImmediate(() => response.destroy());
  });
  assert.equal(await until(1), 1);
  assert.equal(requests.filter(({ query }) => query.get('watch') !== 'true').length, 2);
});

test('lists again after 410 Gone in the stream', async (t) => {
  const { until } = await follow(t, [[pod('old', '1')], [pod('a', '2'), pod('b', '2')]], (response, nth) => {
    if (nth > 1) return;
    sendEvent(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
    response.end();
  });
  assert.equal(await until(2), 2);
});

test('lists again after a refused watch', async (t) => {
  let refused = 0;
  const { config } = await playApiServer(t, ({ query }, response) => {
    if (query.get('watch') !== 'true') {
      return answer(response, 200, { metadata: { resourceVersion: '7' }, items: refused ? [pod('a', '7')] : [] });
    }
    if (refused++ === 0) return refuse(response, 410, 'Expired');
    return void response.writeHead(200).flushHeaders();
  });
  const api = createObjectClient(createTransport(config));
  const list = async () => ({
    items: (await api.list(pods, { namespace: 'tests' }, new AbortController().signal)).items,
    resourceVersion: '7',
  });
  const { signal } = new AbortController();
  const watched = new Watched<V1Pod>(new Watch(config), new Calls(), { what: 'pods', path, list }, signal);
  t.after(() => watched.stop());
  await watched.start();
  const look = (pods: readonly V1Pod[]): Look<number> =>
    pods.length > 0 ? { done: true, value: pods.length } : { done: false, why: 'none' };
  const wait = { look, timedOut: () => new Error('time is over') };
  assert.equal(await watched.until(wait, 5_000, signal, () => {}), 1);
});

test('a silent watch hides nothing: before it gives up a wait lists once more', async (t) => {
  const { until } = await follow(t, [[], [pod('a', '150')]], () => {});
  assert.equal(await until(1, 100), 1);
});

test('says what there was when patience is over', async (t) => {
  const { until } = await follow(t, [[pod('a', '1')]], () => {});
  await assert.rejects(until(3, 50), { message: '1 pods' });
});

test("ends with the run's reason, not with a time-out", async (t) => {
  const { until, run } = await follow(t, [[]], () => {});
  const wait = until(1, 60_000);
  run.abort(new Defect('run.aborted', 'This process shuts down'));
  await assert.rejects(wait, { message: 'This process shuts down' });
});

test('counts each watch it opens', async (t) => {
  const { until, calls } = await follow(t, [[]], (response, nth) => {
    if (nth === 1) response.end();
    else sendEvent(response, 'ADDED', pod('a', '101'));
  });
  await until(1);
  assert.equal(calls.counts.watches, 2);
});

test('begins from objects that are known already without a list', async (t) => {
  const { config, requests } = await playApiServer(t, (_, response) => {
    response.writeHead(200).flushHeaders();
    sendEvent(response, 'DELETED', pod('a', '8'));
  });
  const { signal } = new AbortController();
  const list = () => Promise.reject(new Error('must not list'));
  const watched = new Watched<V1Pod>(new Watch(config), new Calls(), { what: 'pods', path, list }, signal);
  t.after(() => watched.stop());
  await watched.start({ items: [pod('a', '7')], resourceVersion: '7' });
  const look = (pods: readonly V1Pod[]): Look<string> =>
    pods.length === 0 ? { done: true, value: 'gone' } : { done: false, why: 'there' };
  assert.equal(await watched.until({ look, timedOut: () => new Error('late') }, 5_000, signal, () => {}), 'gone');
  assert.equal(requests[0]?.query.get('resourceVersion'), '7');
});

test('a LIST that an event overtook does not bring the old state back', async (t) => {
  const late = Promise.withResolvers<V1Pod[]>();
  let shown: ServerResponse | undefined;
  const { watched, until } = await follow(t, [[pod('a', '90')], late.promise], (response, nth, from) => {
    if (nth === 1) shown = response;
    // From the version of the second list on, the event comes again.
    else if (from === '200') sendEvent(response, 'ADDED', pod('b', '201'));
  });
  while (!shown) await new Promise((resolve) => setImmediate(resolve));
  const listing = watched.relist();
  sendEvent(shown, 'ADDED', pod('b', '201'));
  await until(2);
  late.resolve([pod('a', '90')]);
  await listing;
  await until(2, 2_000);
});
