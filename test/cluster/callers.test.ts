/** Many callers of one live process. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunReply } from '../../runtime/model.ts';
import { clusterDns } from './drive.ts';
import { noCluster } from './kit.ts';
import { serveProduct } from './process.ts';

const callers = 200;
const doorOpensMs = 2_500;

/** The cluster's DNS server behind a door that opens late, so that the run lasts until every caller is there. Its DNS_SERVERS. */
async function lateDns(t: TestContext): Promise<string> {
  const [host = '', port = '53'] = clusterDns.split(':');
  const near = createSocket('udp4');
  t.after(() => near.close());
  let open: Promise<void> | undefined;
  near.on('message', async (query, { port: from }) => {
    open ??= pause(doorOpensMs);
    await open;
    const far = createSocket('udp4').unref();
    far.once('message', (answer) => near.send(answer, from, '127.0.0.1'));
    far.send(query, Number(port), host);
  });
  await new Promise<void>((resolve) => near.bind(0, '127.0.0.1', resolve));
  return `127.0.0.1:${near.address().port}`;
}

test('200 callers of dns at once: one run, and all get its result', { skip: noCluster, timeout: 60_000 }, async (t) => {
  const product = await serveProduct('callers', { SUITES: 'dns', DNS_SERVERS: await lateDns(t) });
  t.after(() => product.end());
  const call = async () => {
    const reply = await fetch(`${product.url}/run/dns`, { method: 'POST', signal: AbortSignal.timeout(30_000) });
    return { status: reply.status, body: (await reply.json()) as RunReply };
  };
  const replies = await Promise.all(Array.from({ length: callers }, call));
  const [{ body: first } = assert.fail()] = replies;
  assert.equal(first.status, 'passed', JSON.stringify(first));
  for (const { status, body } of replies) {
    assert.equal(status, 200);
    assert.deepEqual({ ...body, joined: true }, { ...first, joined: true });
  }
  assert.equal(replies.filter(({ body }) => !body.joined).length, 1);
});
