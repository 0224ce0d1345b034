import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { catalogue } from '../../sandbox/faults/catalogue.ts';
import { startBench } from './kit.ts';

test('the admin port lists and switches faults for its token only', async (t) => {
  const { sandbox } = await startBench(t, { adminToken: 'secret' });
  const ask = (method: string, path: string, body?: unknown, token = 'secret') =>
    fetch(sandbox.admin.url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  assert.equal((await ask('GET', '/faults', undefined, 'wrong')).status, 401);
  const on = await ask('PUT', '/faults/kubelet-down', { on: true, node: 'node3' });
  assert.equal(on.status, 200);
  const list = (await (await ask('GET', '/faults')).json()) as { name: string; on: boolean; options: object }[];
  assert.deepEqual(
    list.filter((fault) => fault.on).map(({ name, options }) => [name, options]),
    [['kubelet-down', { node: 'node3' }]],
  );
  const message = async (path: string, body: unknown) => {
    const response = await ask('PUT', path, body);
    assert.equal(response.status, 400);
    return ((await response.json()) as { message: string }).message;
  };
  assert.match(await message('/faults/nope', { on: true }), /There is no fault "nope". The faults are: dns-nxdomain/);
  assert.match(
    await message('/faults/kubelet-down', { on: true, seconds: 1 }),
    /has no option "seconds". Its options: node/,
  );
  assert.match(
    await message('/faults/kubelet-down', { on: true, node: 2 }),
    /The option node of the fault kubelet-down is a string/,
  );
  const senseless: [string, object, RegExp][] = [
    ['kubelet-down', { node: 'node9' }, /is one of: node1, node2, node3, not node9/],
    ['service-proxy-down', { mode: 'bogus' }, /is one of: refuse, timeout/],
    ['quota-exhausted', { resource: 'bogus' }, /is one of: pods, configmaps/],
    ['api-500', { share: 7 }, /is a number from 0 to 1, not 7/],
    ['api-down', { seconds: -1 }, /is a number from 0 to/],
  ];
  for (const [name, options, words] of senseless) {
    assert.match(await message(`/faults/${name}`, { on: true, ...options }), words);
  }
  assert.match(await message('/faults/kubelet-down', 'on'), /The body must be JSON such as/);
  assert.equal((await ask('POST', '/faults/kubelet-down', {})).status, 404);
});

test('the admin port outlives clients that go in the middle of a body, and paths that are none', async (t) => {
  const { sandbox } = await startBench(t);
  const { url, token } = sandbox.admin;
  const send = async (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
    socket.write(text.replaceAll('\n', '\r\n'));
    return { socket, answer: once(socket, 'data') };
  };
  const bearer = `Host: x\nAuthorization: Bearer ${token}\n`;
  const stranger = await send('PUT /faults/api-500 HTTP/1.1\nHost: x\nContent-Length: 100\n\n{"on"');
  assert.match(String(await stranger.answer), /^HTTP\/1.1 401/);
  stranger.socket.resetAndDestroy();
  const slow = await send(`PUT /faults/api-500 HTTP/1.1\n${bearer}Expect: 100-continue\nContent-Length: 100\n\n{"on"`);
  assert.match(String(await slow.answer), /^HTTP\/1.1 100/);
  slow.socket.resetAndDestroy();
  const odd = await send(`GET // HTTP/1.1\n${bearer}\n`);
  assert.match(String(await odd.answer), /^HTTP\/1.1 404/);
  odd.socket.destroy();
});

test('the kubeconfig is for its owner only, and gone after close', async (t) => {
  const { sandbox } = await startBench(t);
  assert.equal(await readFile(sandbox.kubeconfigPath, 'utf8'), sandbox.kubeconfig);
  if (process.platform !== 'win32') assert.equal((await stat(sandbox.kubeconfigPath)).mode & 0o777, 0o600);
  await sandbox.close();
  await assert.rejects(access(sandbox.kubeconfigPath), { code: 'ENOENT' });
});

test('on its own it prints what to set, takes faults from the command line, and ends when told', async (t) => {
  const home = await import('node:fs/promises').then(({ mkdtemp }) =>
    mkdtemp(`${process.env.TMPDIR ?? '/tmp'}/sandbox-test-`),
  );
  const env = { ...process.env, TMPDIR: home, TEMP: home };
  const main = new URL('../../sandbox/main.ts', import.meta.url).pathname;
  const cluster = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => cluster.kill('SIGKILL'));
  const [line] = (await once(cluster.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.match(
    line,
    /^export KUBECONFIG=\S+ PROBE_PROXY=http:\/\/127\.0\.0\.1:\d+ DNS_SERVERS=127\.0\.0\.1:\d+ AGENT_IMAGE=\S+ PULL_IMAGE=\S+\n$/,
  );

  const run = async (...argv: string[]) => {
    const child = spawn(process.execPath, [main, ...argv], { env });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text));
    const [code] = await once(child, 'close');
    return { code, out };
  };
  assert.deepEqual(await run('fault', 'api-429', 'on', 'retryAfter=2'), {
    code: 0,
    out: 'api-429 is on. It breaks: requests, until they are repeated\n',
  });
  assert.match((await run('fault')).out, /^ON {2}api-429 .*retryAfter=2$/m);
  assert.equal((await run('fault', 'nope', 'on')).code, 2);
  assert.equal((await run('what')).code, 2);
  cluster.kill('SIGTERM');
  assert.deepEqual(await once(cluster, 'close'), [0, null]);
  assert.match((await run('fault')).out, /No sandbox runs on its own/);
});

test('on its own it cleans up when its terminal is closed', async (t) => {
  const home = await mkdtemp(`${process.env.TMPDIR ?? '/tmp'}/sandbox-test-`);
  const main = new URL('../../sandbox/main.ts', import.meta.url).pathname;
  const env = { ...process.env, TMPDIR: home, TEMP: home };
  const cluster = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => cluster.kill('SIGKILL'));
  await once(cluster.stdout, 'data');
  cluster.kill('SIGHUP');
  assert.deepEqual(await once(cluster, 'close'), [0, null]);
  assert.deepEqual(await readdir(home), []);
});

test('the README names every fault with what it breaks', async () => {
  const readme = await readFile(new URL('../../sandbox/README.md', import.meta.url), 'utf8');
  for (const [name, { description, breaks }] of Object.entries(catalogue)) {
    assert.ok(readme.includes(`| \`${name}\` | ${description} | ${breaks} |`), name);
  }
});
