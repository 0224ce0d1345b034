import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { ListenError, listen } from '../../runtime/listen.ts';

test('a port that is taken is named, with what to do', async (t) => {
  const [first, second] = [fastify(), fastify()];
  t.after(() => Promise.all([first.close(), second.close()]));
  const url = await listen(first, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(url).port);
  await assert.rejects(listen(second, { host: '127.0.0.1', port }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use: .*set PORT`));
    return true;
  });
});

test('an address of another machine is named', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  await assert.rejects(listen(app, { host: '192.0.2.1', port: 0 }), { name: 'ListenError', message: /set HOST/ });
});

test('the URL to open names a host that a browser takes', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  assert.match(await listen(app, { host: '0.0.0.0', port: 0 }), /^http:\/\/localhost:\d+\/$/);
});
