import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LiveEvent } from '../../runtime/memory/store.ts';
import { aRun } from '../results.ts';
import { aScene } from './app.ts';
import type { Cost, Listening } from './replaying.ts';

interface Heard {
  readonly id: string;
  readonly type: string;
  readonly data: LiveEvent;
}

async function scene(t: TestContext) {
  const { app, store, play } = await aScene(t);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    store,
    play,
    listen: (options: { after?: string; header?: string } = {}) => listen(`${base}/events`, options),
  };
}

async function listen(url: string, { after, header }: { after?: string; header?: string }) {
  const heard: Heard[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const waiters: (() => void)[] = [];
  const response = await new Promise<IncomingMessage>((resolve) => {
    const headers = header ? { 'last-event-id': header } : {};
    get(after ? `${url}?after=${after}` : url, { headers }, resolve);
  });
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks.filter((one) => one.startsWith('id:'))) heard.push(parse(block));
    for (const look of waiters) look();
  });
  response.on('close', end).on('error', () => {});
  return {
    response,
    heard,
    ended,
    until: (count: number): Promise<readonly Heard[]> =>
      new Promise((resolve) => {
        const look = () => heard.length >= count && resolve(heard);
        waiters.push(look);
        look();
      }),
    drop: () => response.destroy(),
  };
}

function parse(block: string): Heard {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
  return { id: fields.id, type: fields.event, data: JSON.parse(fields.data) };
}

test('tells every event of a run as it happens, numbered', async (t) => {
  const { listen, play, store } = await scene(t);
  const stream = await listen();
  assert.match(String(stream.response.headers['content-type']), /^text\/event-stream/);
  assert.ok(stream.response.headers['content-security-policy']);
  play(aRun('dns'));
  const heard = await stream.until(7);
  assert.deepEqual(
    heard.map(({ type }) => type),
    ['run-started', 'step-started', 'step-finished', 'step-started', 'step-finished', 'run-judged', 'run-finished'],
  );
  assert.deepEqual(
    heard.map(({ id }) => id),
    [1, 2, 3, 4, 5, 6, 7].map((number) => `${store.epoch}-${number}`),
  );
  stream.drop();
});

test('a listener that was cut off comes back and misses nothing, by header or by query', async (t) => {
  const { listen, play } = await scene(t);
  const first = await listen();
  play(aRun('dns'));
  const { id } = (await first.until(7))[3]!;
  first.drop();
  await first.ended;
  play(aRun('dns', { id: 'dns-2' }));
  for (const options of [{ header: id }, { after: id }]) {
    const again = await listen(options);
    const heard = await again.until(10);
    assert.deepEqual(
      heard.map(({ data }) => data.id),
      [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    );
    again.drop();
  }
});

test('what is not known any more, or of another process, begins with a reset', async (t) => {
  const { listen, play, store } = await scene(t);
  play(aRun('dns'));
  for (const header of ['other-3', `${store.epoch}-99`, 'nonsense', `${store.epoch}-`, '-1']) {
    const stream = await listen({ header });
    const [first] = await stream.until(1);
    assert.deepEqual([first?.type, first?.id], ['reset', `${store.epoch}-7`]);
    stream.drop();
  }
});

test('what was missed goes out in pieces: a hundred who do not read cost little, and who reads gets all of it', {
  timeout: 60_000,
}, async (t) => {
  const server = fork(join(import.meta.dirname, 'replaying.ts'), {
    execArgv: ['--max-semi-space-size=4', '--heap-growing-percent=30'],
  });
  t.after(() => server.kill('SIGKILL'));
  const [{ url, epoch, lastEvent }] = (await once(server, 'message')) as [Listening];
  const first = `${epoch}-${lastEvent - 4_990}`;
  const silent = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
      await once(socket, 'connect');
      socket.write(`GET /events?after=${first} HTTP/1.1\r\nhost: a\r\n\r\n`);
      return socket;
    }),
  );
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  const reader = await listen(`${url}/events`, { after: first });
  const heard = await reader.until(4_990);
  assert.deepEqual(
    heard.map(({ data }) => data.id),
    Array.from({ length: 4_990 }, (_, index) => lastEvent - 4_989 + index),
  );
  server.send('what did it cost?');
  const [{ grownMiB, longestMs }] = (await once(server, 'message')) as [Cost];
  t.diagnostic(`${grownMiB.toFixed(0)} MiB, ${longestMs.toFixed(0)} ms`);
  assert.ok(grownMiB < 60, `${grownMiB} MiB for 100 readers that do not read`);
  assert.ok(longestMs < 1_000, `the loop worked for ${longestMs} ms without a pause`);
  reader.drop();
});

test('what happens while a listener catches up comes after what it missed', async (t) => {
  const { listen, play, store } = await scene(t);
  for (let index = 0; index < 40; index += 1) play(aRun('dns', { id: `dns-${index}` }));
  const stream = await listen({ after: `${store.epoch}-0` });
  play(aRun('dns', { id: 'the-newest' }));
  const heard = await stream.until(41 * 7);
  assert.deepEqual(
    heard.map(({ data }) => data.id),
    Array.from({ length: 41 * 7 }, (_, index) => index + 1),
  );
  stream.drop();
});

test('as many listen as can: beyond that it is 503 with when to ask again, until one goes', {
  timeout: 10_000,
}, async (t) => {
  const { listen, app } = await scene(t);
  const streams = await Promise.all(Array.from({ length: 200 }, () => listen()));
  const refused = await app.inject('/events');
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '15']);
  streams[0]!.drop();
  for (;;) {
    const next = await listen();
    next.drop();
    if (next.response.statusCode === 200) break;
  }
  for (const stream of streams) stream.drop();
});

test('closing the server ends open streams and does not hang', { timeout: 5_000 }, async (t) => {
  const { listen, app } = await scene(t);
  const streams = await Promise.all([listen(), listen(), listen()]);
  await app.close();
  await Promise.all(streams.map(({ ended }) => ended));
});

test('HEAD /events ends', { timeout: 5_000 }, async (t) => {
  const { app } = await scene(t);
  assert.equal((await app.inject({ method: 'HEAD', url: '/events' })).statusCode, 405);
});
