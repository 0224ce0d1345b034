/** Many callers of one live process. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { RunReply } from '../../runtime/model/result.ts';
import { clusterDns } from './drive.ts';
import { noCluster } from './kit.ts';
import { serveProduct } from './process.ts';

const callers = 200;

/** The cluster's DNS server behind a door: the run lasts until it is opened. */
async function dnsBehindADoor(t: TestContext): Promise<{ servers: string; open(): void }> {
  const [host = '', port = '53'] = clusterDns.split(':');
  const near = createSocket('udp4');
  t.after(() => near.close());
  const door = Promise.withResolvers<void>();
  near.on('message', async (query, { port: from }) => {
    await door.promise;
    const far = createSocket('udp4').unref();
    far.once('message', (answer) => near.send(answer, from, '127.0.0.1'));
    far.send(query, Number(port), host);
  });
  await new Promise<void>((resolve) => near.bind(0, '127.0.0.1', resolve));
  return { servers: `127.0.0.1:${near.address().port}`, open: door.resolve };
}

/** Resolves when all of the request has left this process. */
async function send(url: string): Promise<ClientRequest> {
  const sent = request(url, { method: 'POST', agent: false, timeout: 60_000 });
  sent.end();
  await once(sent, 'finish');
  return sent;
}

async function answerOf(sent: ClientRequest): Promise<{ status?: number; body: RunReply }> {
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: reply.statusCode, body: (await json(reply)) as RunReply };
}

test('200 callers of dns at once: one run, and all get its result', { skip: noCluster, timeout: 90_000 }, async (t) => {
  const dns = await dnsBehindADoor(t);
  const product = await serveProduct('callers', {
    SUITES: 'dns',
    DNS_SERVERS: dns.servers,
    EVENT_TIMEOUT_SECONDS: '60',
  });
  t.after(() => product.end());
  const calls = await Promise.all(Array.from({ length: callers }, () => send(`${product.url}/run/dns`)));
  const answers = calls.map(answerOf);
  // Connections are taken in the order in which they came: who comes last and is answered finds the others there.
  for (let look = 0; look < 2; look++) assert.equal((await fetch(`${product.url}/livez`)).status, 200);
  dns.open();
  const replies = await Promise.all(answers);
  const [{ body: first } = assert.fail()] = replies;
  assert.equal(first.status, 'passed', JSON.stringify(first));
  for (const { status, body } of replies) {
    assert.equal(status, 200);
    assert.deepEqual({ ...body, joined: true }, { ...first, joined: true });
  }
  assert.equal(replies.filter(({ body }) => !body.joined).length, 1);
});
