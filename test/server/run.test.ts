import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { renderReport } from '../../runtime/words/run-text.ts';
import { product } from '../built/index.ts';
import { aFailedRun, aRun, at } from '../results.ts';
import { aScene } from './app.ts';

const { Held } = product;

test('POST /run/:suite answers 200 with the result of a run that passed, 500 with one that did not', async (t) => {
  const { app, runner } = await aScene(t);
  const passed = await app.inject({ method: 'POST', url: '/run/dns' });
  assert.equal(passed.statusCode, 200);
  assert.deepEqual(passed.json(), aRun('dns'));
  for (const status of ['failed', 'errored'] as const) {
    runner.answer(() => aFailedRun('dns', { status }));
    const reply = await app.inject({ method: 'POST', url: '/run/dns' });
    assert.deepEqual([reply.statusCode, reply.json().status], [500, status]);
  }
  assert.deepEqual(runner.starts[0], { suite: 'dns', trigger: 'http', joined: false });
});

test('accept: text/plain gets the report for people, anything else JSON', async (t) => {
  const { app } = await aScene(t);
  const ask = async (accept: string) => {
    const { headers, body } = await app.inject({ method: 'POST', url: '/run/dns', headers: { accept } });
    return headers['content-type'] === 'text/plain; charset=utf-8' ? body : 'json';
  };
  const report = renderReport(aRun('dns'), { colour: false });
  for (const accept of ['text/plain', 'text/plain;q=0.5, */*', 'application/json;q=0.1, text/plain']) {
    assert.equal(await ask(accept), report, accept);
  }
  for (const accept of ['', '*/*', 'application/json', 'application/json, text/plain', 'text/plain;q=0', 'text/html']) {
    assert.equal(await ask(accept), 'json', accept);
  }
});

test('the answer waits for the clean-up', async (t) => {
  const { app, runner } = await aScene(t);
  runner.hold();
  let isAnswered = false;
  const reply = app.inject({ method: 'POST', url: '/run/dns' }).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await runner.started(1);
  assert.equal((await app.inject('/livez')).body, 'ok');
  assert.equal(isAnswered, false);
  runner.end('dns', aRun('dns'));
  assert.equal((await reply).statusCode, 200);
});

test('200 callers at once share one run and get 200 equal answers', async (t) => {
  const { app, runner } = await aScene(t);
  runner.hold();
  // An injection begins when somebody waits for it.
  const calls = Promise.all(Array.from({ length: 200 }, () => app.inject({ method: 'POST', url: '/run/dns' })));
  await runner.started(200);
  runner.end('dns', aRun('dns'));
  const replies = await calls;
  assert.equal(runner.starts.filter(({ joined }) => !joined).length, 1);
  assert.equal(replies.filter((reply) => reply.json().joined === true).length, 199);
  for (const reply of replies) {
    const { joined: _, ...result } = reply.json();
    assert.deepEqual([reply.statusCode, result], [200, aRun('dns')]);
  }
});

test('?wait=false answers 202 at once with where the result will be, and the run goes on', async (t) => {
  const { app, runner, play } = await aScene(t);
  runner.hold();
  const reply = await app.inject({ method: 'POST', url: '/run/dns?wait=false' });
  assert.equal(reply.statusCode, 202);
  assert.equal(reply.headers.location, '/runs/dns-1');
  assert.deepEqual(reply.json(), { id: 'dns-1', suite: 'dns', page: '/runs/dns-1', result: '/results/dns/dns-1' });
  assert.equal((await app.inject('/results/dns/dns-1')).json().status, 'waiting');
  const json = { url: '/runs/dns-1', headers: { accept: 'application/json' } };
  const waiting = await app.inject(json);
  assert.deepEqual([waiting.statusCode, waiting.json().status], [202, 'waiting']);
  const page = await app.inject('/runs/dns-1');
  assert.deepEqual([page.statusCode, /dns<\/bdi> waits for its namespace/.test(page.body)], [202, true], page.body);
  play(aRun('dns', { id: 'dns-1' }));
  const judged = await app.inject(json);
  assert.deepEqual([judged.statusCode, judged.json().status], [200, 'passed']);
  runner.end('dns', aRun('dns'));
  assert.equal((await app.inject('/results/dns/dns-1')).json().status, 'passed');
});

test('?wait with anything but true or false starts nothing and says what is expected', async (t) => {
  const { app, runner } = await aScene(t);
  for (const query of ['wait=banana', 'wait=true&wait=false', 'wait']) {
    const reply = await app.inject({ method: 'POST', url: `/run/dns?${query}` });
    assert.deepEqual([reply.statusCode, reply.json().message], [400, 'querystring/wait must be boolean'], query);
  }
  assert.deepEqual(runner.active, []);
});

test('a run that is held after ?wait=false harms nobody', async (t) => {
  const { app, runner } = await aScene(t);
  runner.answer(() => new Held('pod-b', 1, 'ns'));
  assert.equal((await app.inject({ method: 'POST', url: '/run/dns?wait=false' })).statusCode, 202);
  assert.equal((await app.inject({ method: 'POST', url: '/run/dns' })).statusCode, 409);
});

test('409 names the holder and says when to ask again', async (t) => {
  const { app, runner } = await aScene(t);
  runner.answer(() => new Held('pod-b', 12_300, 'kubee2etests-dns'));
  const reply = await app.inject({ method: 'POST', url: '/run/dns' });
  assert.equal(reply.headers['retry-after'], '13');
  assert.deepEqual(
    [reply.statusCode, reply.json()],
    [
      409,
      {
        statusCode: 409,
        error: 'Conflict',
        message: 'Another process runs in namespace kubee2etests-dns: pod-b',
        holder: 'pod-b',
      },
    ],
  );
});

test('an unknown suite gets 404 with those there are', async (t) => {
  const { app, runner } = await aScene(t);
  for (const name of ['dsn', 'constructor', '__proto__', '%00', '..%2f']) {
    const reply = await app.inject({ method: 'POST', url: `/run/${name}` });
    assert.equal(reply.statusCode, 404, name);
    assert.match(reply.json().message, /^No suite ".*" here(, perhaps dns)?\. Known: dns, http$/);
  }
  assert.deepEqual(runner.starts, []);
});

test('while shutting down a run is refused with 503 and Retry-After, and /readyz says so', async (t) => {
  let isClosing = false;
  const { app, runner } = await aScene(t, { isClosing: () => isClosing });
  assert.equal((await app.inject('/readyz')).statusCode, 200);
  isClosing = true;
  runner.shutDown();
  const reply = await app.inject({ method: 'POST', url: '/run/dns' });
  assert.deepEqual([reply.statusCode, reply.headers['retry-after']], [503, '5']);
  assert.equal((await app.inject('/readyz')).statusCode, 503);
  assert.equal((await app.inject('/livez')).statusCode, 200);
});

test('with a token set, POST /run and /update take nobody without it, and everybody may read', async (t) => {
  const { app, runner } = await aScene(t, { runToken: 'correct horse' });
  const post = async (url: string, authorization?: string) => {
    const reply = await app.inject({ method: 'POST', url, headers: authorization ? { authorization } : {} });
    return reply.statusCode;
  };
  const wrongTokens = ['Bearer wrong', 'Bearer correct horse battery', 'bearer é', `Bearer ${'x'.repeat(5_000)}`];
  for (const url of ['/run/dns', '/run/dns?wait=false', '/update', '/run/unknown']) {
    assert.equal(await post(url), 401, url);
    assert.equal(await post(url, 'Basic Y29ycmVjdA=='), 401, url);
    for (const wrong of wrongTokens) assert.ok([401, 403].includes(await post(url, wrong)), `${url} ${wrong}`);
  }
  assert.deepEqual(runner.starts, []);
  assert.equal((await app.inject('/results')).statusCode, 200);
});

test('the right token runs the suite', async (t) => {
  const { app } = await aScene(t, { runToken: 's3cret' });
  const headers = { authorization: 'Bearer s3cret' };
  assert.equal((await app.inject({ method: 'POST', url: '/run/dns', headers })).statusCode, 200);
  const wrong = { authorization: 'Bearer s3cret2' };
  const refused = await app.inject({ method: 'POST', url: '/run/dns', headers: wrong });
  assert.deepEqual([refused.statusCode, refused.json().message], [403, 'Wrong token']);
});

/** What a browser sends from a page, and what a proxy makes of it: status of the answer. */
async function starts(t: TestContext, headers: Record<string, string>, options = {}): Promise<number> {
  const { app } = await aScene(t, options);
  return (await app.inject({ method: 'POST', url: '/run/dns', headers })).statusCode;
}

test("a page of another site cannot start a run through somebody's browser", async (t) => {
  const host = 'localhost:8081';
  // Without https a browser sends no Sec-Fetch-Site, but an Origin.
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { host, origin: 'http://evil.example' },
    { host, origin: 'null' },
    { host, origin: 'http://localhost:8082' },
    { host: 'e2e.example.net:8443', origin: 'https://e2e.example.net' },
  ] as Record<string, string>[])
    assert.equal(await starts(t, headers), 403, JSON.stringify(headers));
});

test('our own page starts runs, with or without the port of its scheme, and behind proxies', async (t) => {
  const origin = 'https://e2e.example.net';
  for (const headers of [
    {},
    { host: 'localhost:8081', origin: 'http://localhost:8081' },
    { host: 'e2e.example.net', origin },
    { host: 'e2e.example.net:443', origin },
    { host: 'E2E.example.net', origin },
    { host: 'upstream', 'x-forwarded-host': 'e2e.example.net:443', origin },
    { host: '10.0.0.1', 'x-forwarded-host': 'e2e.example.net, inner', origin },
    { host: 'upstream', forwarded: 'for=1.2.3.4;host="e2e.example.net";proto=https, for=5.6.7.8', origin },
    { host: 'e2e.example.net', 'x-forwarded-port': '8443', origin: `${origin}:8443` },
    { host: '[fd00::7]:80', origin: 'http://[fd00::7]' },
  ] as Record<string, string>[])
    assert.equal(await starts(t, headers), 200, JSON.stringify(headers));
});

test('a name that is not ours may lead to our address: its page starts nothing by plain HTTP', async (t) => {
  const from = (name: string) => ({ host: `${name}:8081`, origin: `http://${name}:8081` });
  const allowedHosts = ['e2e.example.net', '*.corp.example'];
  for (const name of [
    'evil.example',
    'e2e.example.net.evil.example',
    'corp.example',
    'svc.evil.example',
    'xlocalhost.example',
  ])
    assert.equal(await starts(t, from(name), { allowedHosts }), 403, name);
  assert.equal(await starts(t, { ...from('evil.example'), 'sec-fetch-site': 'same-origin' }, { allowedHosts }), 403);
  for (const name of [
    'e2e.example.net',
    'a.corp.example',
    '127.0.0.1',
    '[::1]',
    'localhost',
    'kube-e2etests',
    'e2e.tools.svc',
  ])
    assert.equal(await starts(t, from(name), { allowedHosts }), 200, name);
  assert.equal(await starts(t, from('e2e.tools.svc.k8s.test'), { clusterDomain: 'k8s.test' }), 200);
  assert.equal(await starts(t, from('e2e.tools.svc.k8s.test')), 403);
  assert.equal(await starts(t, from('anything.example'), { allowedHosts: ['*'] }), 200);
});

test('whatever the body and its type, the suite runs; over 1 MB it is 413', async (t) => {
  const { app } = await aScene(t);
  const post = async (payload: string, contentType?: string) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    return (await app.inject({ method: 'POST', url: '/run/dns', headers, payload })).statusCode;
  };
  for (const type of [
    undefined,
    'application/json',
    'text/html',
    'application/x-www-form-urlencoded',
    '///',
    ';;',
    '',
  ]) {
    for (const body of ['', '{"malformed', '{"a":1}', '\0\0', 'x'.repeat(500_000)]) {
      assert.equal(await post(body, type), 200, `${type}: ${body.slice(0, 20)}`);
    }
    assert.equal(await post('x'.repeat(1_048_577), type), 413, type);
  }
});

test('GET /run lists the suites with their steps, their last verdict, the run under way and the next one', async (t) => {
  const nextRun = (suite: string) => (suite === 'dns' ? at(5).toISOString() : undefined);
  const { app, runner, play } = await aScene(t, { nextRun });
  play(aFailedRun('http'));
  runner.hold();
  await app.inject({ method: 'POST', url: '/run/dns?wait=false' });
  assert.deepEqual((await app.inject('/run')).json(), [
    {
      name: 'dns',
      description: 'Proves dns',
      steps: ['Create Deployment', 'Delete Deployment'],
      state: 'unknown',
      running: { id: 'dns-1', since: at(0).toISOString() },
      nextRun: at(5).toISOString(),
    },
    {
      name: 'http',
      description: 'Proves http',
      steps: ['Create Deployment', 'Delete Deployment'],
      state: 'failing',
      last: { id: 'http-1', status: 'failed', at: at(0).toISOString(), durationMs: 1_250 },
      nextRun: null,
    },
  ]);
  runner.end('dns', aRun('dns'));
});

test('a defect of ours is 500 without a stack, and logged', async (t) => {
  const { app, runner, complaints } = await aScene(t);
  runner.answer(() => new TypeError('secret insides'));
  const reply = await app.inject({ method: 'POST', url: '/run/dns' });
  assert.deepEqual(reply.json(), {
    statusCode: 500,
    error: 'Internal Server Error',
    message: 'A defect of this server; its log says more',
  });
  assert.equal(complaints.length, 1);
});
