import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { ListenError, listen } from '../../runtime/process/listen.ts';

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

test('every address of both families is listened on', async (t) => {
  const app = fastify();
  app.get('/', async () => 'here');
  t.after(() => app.close());
  const url = await listen(app, { host: '::', port: 0 });
  const { port } = new URL(url);
  assert.match(url, /^http:\/\/localhost:/);
  for (const address of ['127.0.0.1', '[::1]'])
    assert.equal(await (await fetch(`http://${address}:${port}/`)).text(), 'here', address);
});

test('a machine without IPv6 is listened on by IPv4', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  const really = app.listen.bind(app) as (options: { host: string; port: number }) => Promise<string>;
  const asked: string[] = [];
  Object.assign(app, {
    listen: async (options: { host: string; port: number }) => {
      asked.push(options.host);
      // As it fails there, after fastify has begun to listen.
      if (options.host === '::') await really({ ...options, host: '192.0.2.1' });
      return really(options);
    },
  });
  const { port } = new URL(await listen(app, { host: '::', port: 0 }));
  assert.deepEqual(asked, ['::', '0.0.0.0']);
  assert.ok((await fetch(`http://127.0.0.1:${port}/`)).status);
});
