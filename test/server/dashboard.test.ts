import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Episode } from '../../runtime/memory/store.ts';
import type { Health } from '../../runtime/model/health.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { forbidden } from '../browser/failures.ts';
import { clockAt, minute, openSite, type Site, type SiteParts } from '../browser/fixtures.ts';
import { runOf, stepsOf, suiteNames } from '../browser/runs.ts';
import { areaOf, broken, brokenAmongMany, brokenHeadline, faults, healthy, manySuites } from '../browser/states.ts';
import { aFailedRun, aFinding, aRun, aStep, evidenceOf, play } from '../results.ts';

async function site(t: TestContext, parts: SiteParts = {}): Promise<Site> {
  const opened = await openSite(parts);
  t.after(opened.close);
  return opened;
}

const get = async ({ app }: Site, url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('the page, its title, its icon, the badges and /health never disagree', async (t) => {
  const states: readonly SiteParts[] = [{}, { fill: healthy }, { fill: broken }];
  for (const parts of states) {
    const here = await site(t, { clock: clockAt(new Date('2026-03-05T14:06:40.000Z')), ...parts });
    for (const shift of [0, 45 * minute]) {
      here.clock.shift(shift);
      const health = (await get(here, '/health')).json<Health>();
      const page = (await get(here, '/')).body;
      const word = {
        passing: 'Passing',
        slow: 'Slow',
        failing: 'Failing',
        errored: 'Errored',
        stale: 'Stale',
        unknown: 'No result yet',
        unsupported: 'Unsupported',
      };
      assert.ok(page.includes(`<h1 id="verdict-word">${word[health.status]}</h1>`), `the page says ${health.status}`);
      assert.ok(page.includes(`href="./favicon-${health.status}.svg"`));
      const badgeWord = word[health.status].toLowerCase();
      assert.ok((await get(here, '/badge.svg')).body.includes(`cluster: ${badgeWord}`));
      for (const { suite, state, remote } of health.suites) {
        const id = `${remote ? 'remote' : 'suite'}-${suite}`;
        assert.match(page, new RegExp(`<li id="${id}" class="[^"]*" data-live data-state="${state}">`));
        assert.ok((await get(here, `/badge/${suite}.svg`)).body.includes(`${suite}: ${word[state].toLowerCase()}`));
      }
    }
  }
});

test('the overview, its style and its script are under 60 KB together as they are sent', async (t) => {
  for (const fill of [healthy, broken]) {
    const here = await site(t, { fill });
    const sent = async (url: string) => (await get(here, url, { 'accept-encoding': 'gzip' })).rawPayload.length;
    const page = (await get(here, '/')).body;
    const assets = [...page.matchAll(/(?:href|src)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    assert.equal(assets.length, 2);
    const sizes = await Promise.all(['/', ...assets].map(sent));
    const whole = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(whole < 60_000, `${whole} bytes`);
  }
});

test('nothing on any page needs what the content security policy forbids', async (t) => {
  const time = clockAt(new Date());
  const here = await site(t, {
    clock: time,
    fill: broken,
    faults: faults(),
    store: { headlineOf: brokenHeadline(time) },
  });
  for (const path of [
    '/',
    '/steps',
    '/episodes',
    '/suites/http',
    '/runs/mhttp015',
    '/suites/http/run',
    '/runs/none',
    '/badge.svg',
  ]) {
    const { body, headers } = await get(here, path);
    assert.match(String(headers['content-security-policy']), /default-src 'none';script-src 'self';style-src 'self'/);
    assert.doesNotMatch(
      body,
      /\sstyle="|<style|\son\w+="|javascript:|<script(?! type="module" src="(?:\.\/|(?:\.\.\/)+)assets\/)/,
      path,
    );
    assert.doesNotMatch(
      body.replaceAll('http://www.w3.org/2000/svg', ''),
      /(?:src|href|action)="(?:https?:)?\/\//,
      path,
    );
  }
});

test('assets may be kept for ever under a name that changes with their content', async (t) => {
  const here = await site(t);
  const [, path] = /href="\.(\/assets\/[\w-]{10}-page\.css)"/.exec((await get(here, '/')).body)!;
  const { headers, statusCode } = await get(here, path!);
  assert.equal(statusCode, 200);
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('a run has a permanent link, with JSON for who asks for it', async (t) => {
  const here = await site(t, { fill: healthy });
  const id = here.store.runs('http')[3]!.id;
  const page = await get(here, `/runs/${id}`, { accept: 'text/html,application/xhtml+xml' });
  assert.equal(page.statusCode, 200);
  assert.match(page.body, /Request service by hostname 6 times/);
  assert.ok(page.body.includes(`href="../results/http/${id}"`));
  assert.deepEqual(
    (await get(here, `/runs/${id}`, { accept: 'application/json' })).json(),
    JSON.parse(JSON.stringify(here.store.run(id))),
  );
  const gone = await get(here, '/runs/none');
  assert.equal(gone.statusCode, 404);
  assert.match(gone.body, /No such run/);
  assert.equal((await get(here, '/runs/none', { accept: 'application/json' })).statusCode, 404);
});

test('the history of a suite says its first and last failure and its error codes by count', async (t) => {
  const here = await site(t, { clock: clockAt(new Date('2026-03-05T14:06:40.000Z')), fill: broken });
  const { body } = await get(here, '/suites/http');
  assert.match(body, /First failure<\/dt><dd><a href="\.\.\/runs\/mhttp00h"><span class="when">13:00:15/);
  assert.match(body, /Last failure<\/dt><dd><a href="\.\.\/runs\/mhttp015"><span class="when">14:05:59/);
  assert.match(body, /timeout\.waiting_on_endpoints[\s\S]*?4 times/);
  assert.match(body, /38 of 42/);
  assert.equal((await get(here, '/suites/nothing')).statusCode, 404);
});

test('an errored run is told from a failed one', async (t) => {
  const here = await site(t, { suites: ['deployment_scale'] });
  const step = 'Scale deployment to 0 replicas';
  play(
    here.store,
    runOf('deployment_scale', {
      finishedAt: here.clock.now(),
      number: 1,
      status: 'errored',
      broken: { step, ms: 9, findings: [forbidden] },
    }),
  );
  const { body } = await get(here, '/');
  assert.match(body, /<h1 id="verdict-word">Errored<\/h1>/);
  assert.match(body, /not the cluster’s fault/);
  assert.doesNotMatch(body, /Failing/);
});

test('what agents asked of each other is a table of nodes, which says in words what is broken', async (t) => {
  const way = (node: string, to: string, result = '200', detail?: string) =>
    ({ target: 'mesh', node, to, result, durationMs: 3, ...(detail && { detail }) }) as const;
  const probes = [
    way('node10', 'node2', 'timeout'),
    way('node2', 'node10', 'large answers lost', 'a large answer: timeout'),
    way('node2', 'cluster DNS'),
    way('<b>', 'node2'),
  ];
  const evidence = { ...evidenceOf('nothing'), probes };
  const steps = [aStep('Ask every agent', 'failed', { findings: [aFinding({ evidence })] })];
  const here = await site(t);
  play(here.store, aFailedRun('http', { id: 'r1', steps }));
  const { body } = await get(here, '/runs/r1');
  const [table = ''] = /<table class="mesh">.*?<\/table>/s.exec(body) ?? [];
  const rows = [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.replace(/<\/?b[^>]*>/g, '')),
  );
  assert.match(table, /2 ways broken/);
  assert.deepEqual(rows, [
    ['From', 'node2', 'node10', 'cluster DNS'],
    ['&lt;b&gt;', '3 ms', 'not asked', 'not asked'],
    ['node2', 'itself', 'a large answer: timeout', '3 ms'],
    ['node10', 'timeout', 'itself', 'not asked'],
  ]);
});

test('objects of a kind of the suite itself are shown as evidence, and its name breaks at underscores', async (t) => {
  const suite = 'my_job_suite';
  const here = await site(t, { suites: [suite] });
  const objects = [
    {
      kind: 'job',
      name: 'pi',
      state: '0 of 3 completions',
      conditions: [{ type: 'Complete', status: 'False', reason: 'NotYet' }],
    },
  ];
  const evidence = { ...evidenceOf('nothing'), objects };
  const steps = [aStep('Wait on Job', 'failed', { findings: [aFinding({ evidence })] })];
  play(here.store, aFailedRun(suite, { id: 'r1', steps }));
  for (const path of ['/', '/runs/r1']) {
    const { body } = await get(here, path);
    assert.match(body, /my_<wbr>job_<wbr>suite/);
    assert.match(body, /Other objects<\/caption>/);
    assert.match(body, /1 other object, 1 event/);
    assert.match(body, /job\/pi.*0 of 3 completions.*Complete=False, NotYet/);
  }
});

test('what is not well stands first; twelve suites and more stand under their areas and can be filtered', async (t) => {
  const few = await site(t, { fill: broken });
  const rows = (body: string) => [...body.matchAll(/<li id="suite-([^"]+)"/g)].map(([, id]) => id);
  const { body } = await get(few, '/');
  assert.deepEqual(rows(body).slice(0, 4), ['http', 'http_update', 'deployment_scale', 'namespace']);
  assert.ok(!body.includes('class="areas"'), 'no headings for a few');
  const ten = await site(t, { fill: healthy });
  assert.ok(!(await get(ten, '/')).body.includes('data-filter'), 'no filter for a few');

  const many = await site(t, { fill: brokenAmongMany, suites: manySuites, areaOf });
  const titles = (text: string) => [...text.matchAll(/<h3 [^>]*>(\w[\w ]*) <small>(\d+)/g)].map(([, name]) => name);
  const all = (await get(many, '/')).body;
  assert.deepEqual(titles(all), ['Network', 'Workloads', 'Control plane', 'Names', 'Nodes', 'Storage']);
  assert.match(all, /2 failing/);
  const filtered = async (query: string) => rows((await get(many, `/?${query}`)).body);
  assert.deepEqual(await filtered('q=WORKLOADS&state=errored'), ['deployment_scale']);
  assert.deepEqual(await filtered('state=red'), ['http', 'http_update', 'deployment_scale']);
  assert.equal((await filtered('state=nonsense')).length, manySuites.length);
  assert.deepEqual(await filtered('q=%3Cb%3E'), []);
  assert.match((await get(many, '/?q=%3Cb%3E')).body, /value="&lt;b&gt;".*0 of 33 suites/s);
  assert.deepEqual(await filtered('q=dns&suites=http'), ['http'], 'the script asks for a row whatever the filter');
});

test('what was red is a page, JSON and a feed', async (t) => {
  const here = await site(t, { fill: broken });
  const page = (await get(here, '/episodes')).body;
  assert.match(page, /<li id="episode-\d+">.*kube-proxy.*http_<wbr>update/s);
  assert.match(page, /Look first: /);
  assert.match(page, /<p data-say>[^\n]*href="\.\/#suite-http"/, 'the rows are on the overview');
  const list = (await get(here, '/episodes', { accept: 'application/json' })).json<Episode[]>();
  assert.deepEqual((await get(here, '/episodes.json')).json(), JSON.parse(JSON.stringify(list)));
  assert.deepEqual(
    list[0]?.suites.map(({ suite, status }) => `${suite} ${status}`),
    ['http failed', 'http_update failed', 'deployment_scale errored'],
  );
  const feed = await get(here, '/episodes.atom');
  assert.match(String(feed.headers['content-type']), /^application\/atom\+xml/);
  const ids = [...feed.body.matchAll(/<id>([^<]+)<\/id>/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, list.length + 1);
  assert.match(feed.body, /<title>kube-proxy: http, http_update, deployment_scale<\/title>/);
  assert.match((await get(await site(t), '/episodes')).body, /Nothing has been red since/);
});

test('leftovers of a dead run that a run removed are shown', async (t) => {
  const here = await site(t, { fill: broken });
  assert.match(
    (await get(here, '/')).body,
    /Removed what a dead run had left: 1 object: <code><bdi>service\/kubee2etests<\/bdi>/,
  );
});

test('the script gets only the rows that it asks for', async (t) => {
  const here = await site(t, { fill: broken });
  const { body } = await get(here, '/?suites=dns&suites=volume');
  assert.deepEqual(
    [...body.matchAll(/<li id="([^"]+)"/g)].map(([, id]) => id),
    ['suite-dns', 'remote-volume'],
  );
  assert.match(body, /id="verdict"/);
});

test('of more than forty suites only those that are not well show their steps', async (t) => {
  const suites = [...suiteNames, ...Array.from({ length: 50 }, (_, index) => `more_${index}`)];
  const here = await site(t, { fill: broken, suites });
  const { body } = await get(here, '/');
  assert.doesNotMatch(body, /Resolve kubernetes/);
  assert.match(body, /The steps of the last run/);
  assert.match(body, /Request service by hostname 6 times/);
});

test('the table of all steps is filtered by its query, and nonsense filters nothing', async (t) => {
  const here = await site(t, { fill: broken });
  const rows = async (query: string) => ((await get(here, `/steps?${query}`)).body.match(/<tr>/g)?.length ?? 1) - 1;
  const all = here.store.rows().length;
  assert.equal(await rows(''), Math.min(all, 200));
  assert.equal(await rows('status=nonsense&origin=%00&page=-5'), Math.min(all, 200));
  const remote = here.store.rows().filter(({ origin }) => origin === 'remote').length;
  assert.ok(remote > 0 && remote < all);
  assert.equal(await rows('origin=remote'), remote);
  assert.equal(await rows('status=errored'), 1);
  assert.equal(await rows('q=WAITING_ON_ENDPOINTS'), 2);
  assert.equal(await rows('q=a&q=b&page=1&page=2'), await rows('q=a'));
  assert.equal(await rows('q=no-such-thing'), 0);
});

test('steps that were not reached share a line', async (t) => {
  const here = await site(t, { fill: broken });
  const { body } = await get(here, '/runs/mhttpupdate015');
  assert.match(
    body,
    /2 <span class="word skip">skipped<\/span>: <bdi>Request service by hostname 6 times<\/bdi> · <bdi>Validate/,
  );
});

test('a few red suites are unfolded, many are not, and each names its step and its code', async (t) => {
  const red = (names: readonly string[]) => async () => {
    const here = await site(t, { fill: healthy });
    const runs = names.map((name) => {
      const [step] = stepsOf(name);
      return runOf(name, {
        finishedAt: here.clock.now(),
        number: 90,
        status: 'failed',
        broken: { step: step!, ms: 9, findings: [aFinding()] },
      });
    });
    play(here.store, ...runs);
    return (await get(here, '/')).body;
  };
  const [few, many] = [await red(suiteNames.slice(0, 3))(), await red(suiteNames.slice(0, 4))()];
  assert.equal(few.match(/<details open>/g)?.length, 3);
  assert.equal(many.match(/<details open>/g), null);
  assert.equal(many.match(/class="why"><bdi>[^<]+<\/bdi> <code>timeout\.waiting_on_phase<\/code>/g)?.length, 4);
});

test('what was broken and is not any more stays on the overview for a day, with when and how long', async (t) => {
  const clock = clockAt(new Date('2026-03-05T13:00:00.000Z'));
  const diagnosis = {
    component: 'kube-proxy',
    part: 'node2',
    confidence: 'likely',
    sentence: 'No service answers.',
    evidence: [],
    rule: 'r',
  } as const;
  const headlineOf = ([latest]: readonly RunResult[]) =>
    latest?.diagnosis && { ...latest.diagnosis, since: latest.finishedAt, suites: ['http'], unexplained: [] };
  const here = await site(t, { clock, store: { headlineOf } });
  play(here.store, aFailedRun('http', { id: 'r1', diagnosis }));
  assert.doesNotMatch((await get(here, '/')).body, /Recovered in the last 24 hours/);
  clock.shift(20 * 60_000);
  play(here.store, aRun('http', { id: 'r2' }));
  assert.match(
    (await get(here, '/')).body,
    /Recovered in the last 24 hours.*13:00:00<\/time> to <time[^>]+>13:20:0\d.*kube-proxy.*node2.*20 minutes: .*http.*No service answers\./s,
  );
  clock.shift(25 * 3_600_000);
  assert.doesNotMatch((await get(here, '/')).body, /Recovered in the last 24 hours/);
});
