import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { Headline } from '../../runtime/model/diagnosis.ts';
import { type NotifyFormat, shapes } from '../../runtime/sinks/notice.ts';
import { createNotify, type NotifyOptions } from '../../runtime/sinks/notify.ts';
import { eventually } from '../eventually.ts';
import { aFailedRun } from '../results.ts';

const kubelet: Headline = {
  component: 'kubelet',
  part: 'node2',
  confidence: 'likely',
  sentence: '3 pods of <web_1> & others stay *Pending* on node2.',
  evidence: [],
  command: 'kubectl describe node node2',
  rule: 'kubelet/node-not-ready',
  since: '2026-01-01T00:00:00.000Z',
  suites: ['deployment', 'http'],
  unexplained: [],
};
const scheduler: Headline = { ...kubelet, component: 'scheduler', part: undefined, suites: ['job'] };

/** As far as these tests read it. */
type Body = {
  readonly id: string;
  readonly data: { readonly status: string; readonly component: string };
} & readonly { readonly labels: object; readonly endsAt: string }[];

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** A receiver, and a notifier whose headline the test sets. */
async function start(t: TestContext, answer: Answer, options: Partial<NotifyOptions> = {}) {
  const got: { readonly path: string; readonly type?: string; readonly body: Body }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({
      path: request.url ?? '',
      type: request.headers['content-type'],
      body: JSON.parse(String(Buffer.concat(chunks))),
    });
    answer(request, response, got.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  let headline: Headline | undefined;
  const warnings: string[] = [];
  const log = { warn: (_: object, text: string) => void warnings.push(text) };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret`;
  const notify = createNotify({
    url,
    format: 'cloudevent',
    page: 'https://e2e.example.net',
    headline: () => headline,
    cluster: () => 'prod_1',
    log,
    retryMs: 5,
    ...options,
  });
  const show = (now: Headline | undefined) => {
    headline = now;
    notify.look();
  };
  return { got, warnings, show, notify, url };
}

const yes: Answer = (_, response) => void response.end();

test('one notice when something breaks, when it is something else, and when it is over; none in between', async (t) => {
  const { got, show, notify } = await start(t, yes);
  show(undefined);
  show(kubelet);
  show({ ...kubelet, suites: ['deployment', 'http', 'job'] });
  show(scheduler);
  show(undefined);
  show(undefined);
  await notify.close();
  const said = got.map(({ body }) => `${body.data.status} ${body.data.component}`);
  assert.deepEqual(said, ['broken kubelet', 'over kubelet', 'broken scheduler', 'over scheduler']);
  assert.equal(new Set(got.map(({ body }) => body.id)).size, 4);
  assert.equal(got[0]!.type, 'application/cloudevents+json');
});

test('a receiver that is down for a while gets every notice once, in order, and the log says it once', async (t) => {
  const { got, show, notify, warnings } = await start(t, (_, response, attempt) => {
    response.statusCode = attempt < 4 ? 503 : 200;
    response.end('later');
  });
  show(kubelet);
  show(undefined);
  await eventually(
    'both notices',
    10_000,
    async () => got.length,
    (count) => count >= 5,
  );
  await notify.close();
  const taken = got.slice(3).map(({ body }) => body.data.status);
  assert.deepEqual(taken, ['broken', 'over']);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^Notices do not reach http:\/\/127\.0\.0\.1:\d+: it answers 503: later$/);
});

test('what is refused is not tried again, and the secret of its URL is not in the log', async (t) => {
  const { got, show, notify, warnings } = await start(t, (_, response) => {
    response.statusCode = 403;
    response.end('no such hook');
  });
  show(kubelet);
  await notify.close();
  assert.equal(got.length, 1);
  assert.match(warnings.join(), /it answers 403: no such hook/);
  assert.doesNotMatch(warnings.join(), /secret/);
});

test('a receiver that never answers: sent once where a second would be seen, again where it is dropped', async (t) => {
  const silent: Answer = () => undefined;
  const chat = await start(t, silent, { format: 'slack', requestMs: 50 });
  chat.show(kubelet);
  await eventually(
    'a warning',
    10_000,
    async () => chat.warnings.length,
    (count) => count > 0,
  );
  await chat.notify.close();
  assert.equal(chat.got.length, 1);
  assert.match(chat.warnings.join(), /not sent again, since it may have arrived/);
  const events = await start(t, silent, { requestMs: 50 });
  events.show(kubelet);
  await eventually(
    'a second try',
    10_000,
    async () => events.got.length,
    (count) => count > 1,
  );
  await events.notify.close();
  assert.equal(new Set(events.got.map(({ body }) => body.id)).size, 1);
  assert.match(events.warnings.at(-1)!, /1 notices were not delivered/);
});

test('Alertmanager gets at its path what stands again and again, and its end', async (t) => {
  const { got, show, notify } = await start(t, yes, { format: 'alertmanager', repeatMs: 20 });
  show(kubelet);
  await eventually(
    'repeats',
    10_000,
    async () => got.length,
    (count) => count > 2,
  );
  show(undefined);
  await notify.close();
  assert.deepEqual([...new Set(got.map(({ path }) => path))], ['/hook/secret/api/v2/alerts']);
  const alerts = got.map(({ body }) => body[0]!);
  assert.equal(new Set(alerts.map(({ labels }) => JSON.stringify(labels))).size, 1);
  assert.ok(Date.parse(alerts[0]!.endsAt) > Date.now() + 200_000);
  assert.ok(Date.parse(alerts.at(-1)!.endsAt) <= Date.now());
});

test('each format has the trouble, the command, the suites and the link, with what it reads as markup escaped', () => {
  const notice = {
    id: '1',
    status: 'broken',
    headline: kubelet,
    at: kubelet.since,
    cluster: 'prod_1',
    page: 'https://e',
  } as const;
  const text = (format: NotifyFormat) => JSON.stringify(shapes[format].body(notice));
  for (const format of Object.keys(shapes) as NotifyFormat[])
    for (const part of ['node2', 'kubectl describe node node2', 'deployment, http', 'https://e'])
      assert.ok(
        text(format).includes(part) || text(format).includes(part.replace(', ', '","')),
        `${format} lacks ${part}: ${text(format)}`,
      );
  assert.match(text('slack'), /&lt;web_1&gt; &amp; others stay \*Pending\*/);
  assert.match(text('teams'), /<web\\\\_1> & others stay \\\\\*Pending\\\\\*/);
  assert.match(text('teams'), /"title":"Look first","value":"kubectl describe node node2"/);
});

test('what another process reports is told as well', async (t) => {
  const store = createStore({ headlineOf });
  const { got, notify } = await start(t, yes, { headline: () => store.headline });
  store.subscribe(notify.look);
  store.recordReported(aFailedRun('http', { diagnosis: kubelet }));
  await notify.close();
  assert.deepEqual(
    got.map(({ body }) => body.data),
    [{ ...got[0]!.body.data, status: 'broken', component: 'kubelet' }],
  );
});

test('the way to the receiver goes by HTTP_PROXY, but for what NO_PROXY names', async (t) => {
  const asked: string[] = [];
  // Of plain HTTP it gets the whole URL, and passes the request on.
  const proxy = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    const { method, headers } = incoming;
    const onward = request(incoming.url ?? '', { method, headers }, (answer) => answer.pipe(response));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const http = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  for (const none of ['', '127.0.0.1']) {
    const { got, show, notify } = await start(t, yes, { proxies: { http, none } });
    show(kubelet);
    await notify.close();
    assert.equal(got.length, 1);
  }
  assert.equal(asked.length, 1);
  assert.match(asked[0]!, /^http:\/\/127\.0\.0\.1:\d+\/hook\/secret$/);
});

test('an answer without an end is read to a bound', async (t) => {
  const { got, show, notify } = await start(t, (_, response) => {
    response.on('error', () => {});
    const more = () => response.write('.'.repeat(100_000), (error) => error ?? setImmediate(more));
    more();
  });
  show(kubelet);
  show(undefined);
  await eventually(
    'both notices',
    10_000,
    async () => got.length,
    (count) => count === 2,
  );
  await notify.close();
});

test('during a maintenance what breaks waits, and is said at its end if it is still broken', async (t) => {
  let isHeld = true;
  const { got, show, notify } = await start(t, yes, { isHeld: () => isHeld });
  const said = async () => got.map(({ body }) => `${body.data.component} ${body.data.status}`);
  show(kubelet);
  show(undefined);
  show(scheduler);
  isHeld = false;
  notify.look();
  await eventually('one notice', 5_000, said, (all) => all.length === 1);
  assert.deepEqual(await said(), ['scheduler broken']);
  isHeld = true;
  show(scheduler);
  show(kubelet);
  await eventually('the end of what was said before', 5_000, said, (all) => all.length === 2);
  show(undefined);
  isHeld = false;
  notify.look();
  await notify.close();
  assert.deepEqual(await said(), ['scheduler broken', 'scheduler over']);
});
