import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aFailedRun, aRun, at, midnight } from '../results.ts';
import { aScene } from './app.ts';

test('/health is 200 when everything passes and is fresh, 503 otherwise, with the summary', async (t) => {
  const { app, play, to } = await aScene(t);
  const ask = async () => {
    const reply = await app.inject('/health');
    return [reply.statusCode, reply.json().status];
  };
  assert.deepEqual(await ask(), [503, 'unknown']);
  play(aRun('dns'), aRun('http'));
  assert.deepEqual(await ask(), [200, 'passing']);
  play(aFailedRun('http', { id: 'http-2' }));
  assert.deepEqual(await ask(), [503, 'failing']);
  to(21);
  assert.deepEqual(await ask(), [503, 'stale']);
});

test('/health of a process that has just started is 200 once some suites pass and the others are not late', async (t) => {
  const { app, play, to } = await aScene(t);
  const ask = async () => {
    const reply = await app.inject('/health');
    return [reply.statusCode, reply.json().status];
  };
  play(aRun('dns'));
  assert.deepEqual(await ask(), [200, 'unknown']);
  assert.match((await app.inject('/')).body, /Just started: 1 of 2 suites has no result yet/);
  to(21);
  assert.deepEqual(await ask(), [503, 'stale']);
});

test('/health is 200 while a suite is slow, and says so with its figures, as GET /run, /results and the page do', async (t) => {
  const { app, play } = await aScene(t);
  for (let run = 0; run < 10; run += 1) play(aRun('dns', { id: `dns-${run}`, durationMs: 2_400 }), aRun('http'));
  play(aRun('dns', { id: 'dns-10', durationMs: 9_100 }));
  const slow = { usualMs: 2_400, afterMs: 7_200 };
  const reply = await app.inject('/health');
  assert.deepEqual([reply.statusCode, reply.json().status], [200, 'slow']);
  const isDns = ({ suite, name = suite }: { suite?: string; name?: string }) => name === 'dns';
  assert.deepEqual(reply.json().suites.find(isDns).slow, slow);
  assert.deepEqual((await app.inject('/results')).json().health.suites.find(isDns).slow, slow);
  assert.deepEqual((await app.inject('/results/dns')).json().health.slow, slow);
  const listed = (await app.inject('/run')).json().find(isDns);
  assert.deepEqual([listed.state, listed.slow, listed.last.status], ['slow', slow, 'passed']);
  for (const path of ['/', '/suites/dns'])
    assert.match((await app.inject(path)).body, /took 9\.1 s, usually 2\.4 s; slow beyond 7\.2 s/);
  assert.match((await app.inject('/')).body, /<title>⧗ Slow 1 of 2 /);
  assert.match((await app.inject('/badge/dns.svg')).body, /dns: slow/);
  play(aRun('dns', { id: 'dns-11', durationMs: 2_400 }));
  assert.equal((await app.inject('/health')).json().status, 'passing');
});

test('/results has health, what runs, and every step; /results/:suite the runs; /results/:suite/:run one', async (t) => {
  const { app, play, store } = await aScene(t);
  play(aRun('dns'), aFailedRun('http'));
  store.record({
    type: 'run-started',
    run: 'dns-2',
    suite: 'dns',
    namespace: 'ns',
    trigger: 'http',
    at: midnight,
    steps: [],
  });
  const all = (await app.inject('/results')).json();
  assert.equal(all.health.status, 'failing');
  assert.equal(all.running[0].id, 'dns-2');
  assert.equal(all.results.length, 4);
  const http = (await app.inject('/results/http')).json();
  assert.equal(http.latest.id, 'http-1');
  assert.equal(http.health.state, 'failing');
  assert.deepEqual(
    http.runs.map(({ id, status }: { id: string; status: string }) => [id, status]),
    [['http-1', 'failed']],
  );
  assert.deepEqual((await app.inject('/results/dns/dns-1')).json(), aRun('dns'));
  assert.equal((await app.inject('/results/dns/dns-2')).json().status, 'running');
  assert.equal((await app.inject('/results/dns/http-1')).statusCode, 404);
  assert.equal((await app.inject('/results/dns/dns-9')).statusCode, 404);
  assert.match((await app.inject('/results/dsn')).json().message, /Known: dns, http/);
});

test('health, results, metrics and pages say which cluster is tested, and its version once it is known', async (t) => {
  let version = 'unknown';
  const cluster = () => ({ name: 'prod & co', server: 'https://10.0.0.1:6443', version });
  const { app, play } = await aScene(t, { cluster });
  play({ ...aRun('dns'), cluster: cluster() }, aRun('http'));
  for (const known of ['unknown', 'v1.34.1']) {
    version = known;
    assert.deepEqual((await app.inject('/health')).json().cluster, cluster());
    assert.deepEqual((await app.inject('/results')).json().cluster, cluster());
    for (const path of ['/', '/steps', '/suites/dns', '/runs/dns-1']) {
      const { body } = await app.inject(path);
      assert.match(body, /<title>[^<]+ · prod &amp; co · kube-e2etests<\/title>/);
      assert.match(body, /<header.*prod &amp; co.*https:\/\/10\.0\.0\.1:6443/);
      assert.ok(body.includes(known === 'unknown' ? 'version unknown' : 'Kubernetes v1.34.1'), path);
    }
  }
  assert.equal((await app.inject('/results/dns/dns-1')).json().cluster.name, 'prod & co');
});

test('/results is made anew when something changed, and when a result has grown too old', async (t) => {
  const { app, play, to } = await aScene(t);
  const status = async () => (await app.inject('/results')).json().health.status;
  assert.equal(await status(), 'unknown');
  play(aRun('dns'), aRun('http'));
  assert.equal(await status(), 'passing');
  to(21);
  assert.equal(await status(), 'stale');
});

test('GET / says the verdict, says when there is no result or none lately, and names what fails', async (t) => {
  const { app, play, to } = await aScene(t);
  const page = async () => (await app.inject('/')).body;
  assert.match(await page(), /No tests have run yet, waiting\.\.\./);
  play(aFailedRun('dns', { finishedAt: at(0).toISOString() }), aRun('http'));
  const body = await page();
  assert.match(body, /<h1 id="verdict-word">Failing<\/h1>/);
  assert.match(body, /kubee2etests-dns[\s\S]*timeout\.waiting_on_phase[\s\S]*kubee2etests-http/);
  assert.ok(!body.includes('role="alert"'));
  for (const minutes of [21, 25 * 60, 3 * 24 * 60 + 1]) {
    to(minutes);
    assert.match(await page(), /role="alert">.*<strong>No result for more than 20 minutes/);
  }
});

test('/metrics is Prometheus text', async (t) => {
  const { app, play } = await aScene(t);
  play(aRun('dns'));
  const reply = await app.inject('/metrics');
  assert.match(String(reply.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(reply.body, /^e2etest_runs_total\{suite="dns",status="passed"\} 1$/m);
});

test('/openapi.json describes the routes', async (t) => {
  const { app } = await aScene(t);
  const { openapi, paths } = (await app.inject('/openapi.json')).json();
  assert.match(openapi, /^3\./);
  assert.deepEqual(Object.keys(paths).sort(), [
    '/',
    '/events',
    '/health',
    '/livez',
    '/metrics',
    '/openapi.json',
    '/readyz',
    '/results',
    '/results/{suite}',
    '/results/{suite}/{run}',
    '/run',
    '/run/{suite}',
    '/slo',
    '/slo/{suite}',
    '/update',
  ]);
  assert.deepEqual(Object.keys(paths['/run/{suite}'].post.responses).sort(), [
    '200',
    '202',
    '204',
    '400',
    '401',
    '403',
    '404',
    '409',
    '413',
    '415',
    '500',
    '503',
  ]);
  for (const path of ['/run/{suite}', '/update']) assert.deepEqual(paths[path].post.security, [{ token: [] }, {}]);
});

test('a path with another method is 405 with those it takes, what is not there 404 with what may have been meant', async (t) => {
  const { app } = await aScene(t, { names: ['dns', 'http'] });
  const ask = async (method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, accept = '*/*') => {
    const { statusCode, headers, body } = await app.inject({ method, url, headers: { accept } });
    return { statusCode, allow: headers.allow, type: String(headers['content-type']), body };
  };
  for (const [method, url, allow] of [
    ['GET', '/run/dns', 'POST'],
    ['POST', '/health', 'GET, HEAD'],
    ['GET', '/update', 'POST'],
    ['DELETE', '/results/dns/r1', 'GET, HEAD, PUT'],
    ['PATCH', '/suites/dns/run/', 'GET, HEAD, POST'],
    ['POST', '/events', 'GET'],
  ] as const) {
    const { statusCode, allow: allowed, body } = await ask(method, url);
    assert.deepEqual([statusCode, allowed, JSON.parse(body).statusCode], [405, allow, 405], url);
  }
  for (const [method, url] of [
    ['POST', '/run/HTTP'],
    ['POST', '/run/htpp'],
    ['GET', '/results/htp'],
    ['GET', '/suites/htttp'],
    ['GET', '/badge/htp.svg'],
  ] as const) {
    const { statusCode, body } = await ask(method, url);
    assert.deepEqual([statusCode, /perhaps http/.test(body)], [404, true], url);
  }
  assert.doesNotMatch((await ask('GET', '/suites/nothing-like-it')).body, /perhaps/);
  for (const [method, url, status] of [
    ['GET', '/nowhere', 404],
    ['GET', '/run/dns', 405],
  ] as const) {
    const { statusCode, type, body } = await ask(method, url, 'text/html,application/xhtml+xml');
    assert.deepEqual([statusCode, type], [status, 'text/html; charset=utf-8']);
    assert.match(body, /<h1>.*<a href="(\.\/|\.\.\/)">Overview/s);
  }
});

test('every answer carries a policy without unsafe-inline', async (t) => {
  const { app } = await aScene(t);
  for (const url of ['/', '/results', '/nowhere']) {
    const policy = String((await app.inject(url)).headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.ok(!/unsafe|upgrade-insecure/.test(policy));
  }
});

test('an unknown route is 404 as JSON and points to the description', async (t) => {
  const { app } = await aScene(t);
  assert.deepEqual((await app.inject('/nowhere?x=1')).json(), {
    statusCode: 404,
    error: 'Not Found',
    message: 'No route GET /nowhere; GET /openapi.json lists those there are',
  });
});

test('/slo has the availability of every suite, /slo/:suite the days of one; the page shows the same', async (t) => {
  const { app, play, store } = await aScene(t);
  play(
    aRun('dns'),
    aRun('http', { id: 'http-1' }),
    aRun('http', { id: 'http-2' }),
    aFailedRun('http', { id: 'http-3' }),
  );
  store.recordReported(aRun('away'));
  const { suites } = (await app.inject('/slo')).json();
  const shown = suites.map(({ suite, remote, windows }: ReportedLevel) => [suite, remote, windows['7d'].availability]);
  assert.deepEqual(shown, [
    ['dns', undefined, 1],
    ['http', undefined, 2 / 3],
    ['away', true, 1],
  ]);
  assert.equal(suites[1].days, undefined);
  const http = (await app.inject('/slo/http')).json();
  assert.deepEqual([http.target, http.days.length, http.days.at(-1).failed], [0.999, 30, 1]);
  assert.equal(Math.round(http.budgetLeft), -332);
  assert.match(
    (await app.inject('/')).body,
    /<span title="Last 24 h: 2 of 3 passed"><span class="dim">24 h<\/span> <b class="word bad">66.66%/,
  );
  const page = (await app.inject('/suites/http')).body;
  assert.match(page, /Error budget left<\/dt><dd><b class="word bad">overdrawn 333 times<\/b>/);
  assert.match(
    page,
    /aria-label="Availability of the last 30 days: 1 day with runs, 1 with failures: 2026-01-01 66.66%"/,
  );
  const unknown = await app.inject('/slo/htp');
  assert.deepEqual(
    [unknown.statusCode, unknown.json().message],
    [404, 'No suite "htp" here, perhaps http. Known: dns, http'],
  );
});

interface ReportedLevel {
  readonly suite: string;
  readonly remote?: boolean;
  readonly windows: { readonly '7d': { readonly availability: number } };
}
