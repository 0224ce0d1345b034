import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Store } from '../../runtime/memory/store.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { play } from '../results.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { proxyFinding } from './failures.ts';
import { minute } from './fixtures.ts';
import { runOf, stepsOf } from './runs.ts';
import { healthy } from './states.ts';
import { visit } from './visit.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const skip = noBrowser;
const inAWhile = { timeout: 10_000 };

function begin(store: Store, run: RunResult): void {
  const { id, suite, namespace, startedAt } = run;
  store.record({
    type: 'run-started',
    run: id,
    suite,
    namespace,
    trigger: 'http',
    at: startedAt,
    steps: stepsOf(suite),
  });
}

function startStep(store: Store, run: RunResult, step: string, at: Date): void {
  store.record({ type: 'step-started', run: run.id, suite: run.suite, step, kind: 'step', at: at.toISOString() });
}

function finishStep(store: Store, run: RunResult, name: string): void {
  const step = run.steps.find((one) => one.name === name)!;
  store.record({ type: 'step-finished', run: run.id, suite: run.suite, namespace: run.namespace, step });
}

test('says that no test has run before the first result, and shows the first when it comes', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { suites: ['dns'] });
  await goto('/');
  assert.equal(await page.locator('h1').innerText(), 'No result yet');
  assert.match(await page.locator('#verdict').innerText(), /No tests have run yet, waiting\.\.\./);
  assert.match(await page.title(), /No result yet/);
  await live();
  play(site.store, runOf('dns', { finishedAt: site.clock.now(), number: 1 }));
  await page.locator('h1', { hasText: 'Passing' }).waitFor(inAWhile);
  assert.match(await page.title(), /^✓ Passing/);
  assert.equal(await page.locator('#favicon').getAttribute('href'), './favicon-passing.svg');
});

test('shows the steps of a run as they finish, and what the step under way waits for', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  const run = runOf('deployment', { finishedAt: site.clock.now(), number: 90 });
  await goto('/');
  await live();
  const row = page.locator('#suite-deployment');
  await row.locator('summary').click();
  begin(site.store, run);
  const steps = row.locator('h4', { hasText: 'Under way' }).locator('xpath=following-sibling::ol[1]/li');
  await row.locator('.ahead').first().waitFor(inAWhile);
  assert.equal(await row.locator('.ahead').count(), 13);
  startStep(site.store, run, 'Create ConfigMap', site.clock.now());
  finishStep(site.store, run, 'Create ConfigMap');
  startStep(site.store, run, 'Create Deployment', new Date(site.clock.now().getTime() - 5_000));
  await row.locator('.steps > .now', { hasText: 'Create Deployment' }).waitFor(inAWhile);
  assert.match(await steps.first().innerText(), /Create ConfigMap/);
  const message = '2 of 3 pods Ready; web-abc on node2: no container status';
  site.store.record({
    type: 'waiting',
    run: run.id,
    suite: 'deployment',
    step: 'Create Deployment',
    message,
    at: site.clock.now().toISOString(),
  });
  await row.locator('.now .waiting', { hasText: message }).waitFor(inAWhile);
  await row.locator('summary .wait', { hasText: message }).waitFor(inAWhile);
  assert.equal(await row.locator('> details[open]').count(), 1, 'what was opened stays open');
});

test('opens a suite that begins to fail, with its finding and the evidence folded', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await goto('/');
  await live();
  const broken = { step: 'Request service by ip 6 times', ms: 60_000, findings: [proxyFinding(site.clock.now())] };
  play(site.store, runOf('http', { finishedAt: site.clock.now(), number: 90, status: 'failed', broken }));
  await page.locator('h1', { hasText: 'Failing' }).waitFor(inAWhile);
  const finding = page.locator('#suite-http .findings li').first();
  await finding.waitFor(inAWhile);
  assert.match(
    await finding.innerText(),
    /timeout\.waiting_on_endpoints.*Expected an answer of service\/kubee2etests/s,
  );
  assert.match(await finding.innerText(), /kubectl -n kubee2etests-http describe service\/kubee2etests/);
  const events = finding.locator('caption', { hasText: 'Requests' });
  assert.equal(await events.isVisible(), false);
  await finding.locator('summary').click();
  assert.equal(await events.isVisible(), true);
});

test('misses nothing when the event stream drops', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/events') && asked.push(request.url()));
  await goto('/');
  await live();
  const before = site.store.lastEvent;
  site.drop();
  await page.locator('#link', { hasText: 'Connection lost' }).waitFor(inAWhile);
  const broken = { step: 'Create Service', ms: 10, findings: [proxyFinding(site.clock.now())] };
  play(site.store, runOf('service', { finishedAt: site.clock.now(), number: 90, status: 'failed', broken }));
  await live();
  await page.locator('#suite-service .state', { hasText: 'Failing' }).waitFor(inAWhile);
  assert.ok(asked.at(-1)!.endsWith(`${site.store.epoch}-${before}`), `goes on after event ${before}: ${asked.at(-1)}`);
});

test('asks for everything again when the server has started anew', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await page.route(
    `${site.url}/`,
    async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/data-from="[^"]*"/, 'data-from="gone-7"');
      playErrored();
      await route.fulfill({ response, body });
    },
    { times: 1 },
  );
  const playErrored = () =>
    play(
      site.store,
      runOf('dns', {
        finishedAt: site.clock.now(),
        number: 90,
        status: 'errored',
        broken: { step: stepsOf('dns')[0]!, ms: 4, findings: [] },
      }),
    );
  await goto('/');
  await live();
  await page.locator('#suite-dns .state', { hasText: 'Errored' }).waitFor(inAWhile);
});

test('says stale, globally and per suite, once no result came for TIME_TO_REPORT_PROBLEM', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await goto('/');
  await live();
  assert.equal(await page.locator('.banner').count(), 0);
  site.clock.shift(45 * minute);
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
  await page.locator('h1', { hasText: 'Stale' }).waitFor(inAWhile);
  assert.match(await page.locator('#banner').innerText(), /No result for more than 20 minutes/);
  assert.equal(await page.locator('.suite .state', { hasText: 'Stale' }).count(), 10);
  const health = await (await fetch(`${site.url}/health`)).json();
  assert.equal((health as { status: string }).status, 'stale');
  play(site.store, runOf('dns', { finishedAt: site.clock.now(), number: 91 }));
  await page.locator('#suite-dns .state', { hasText: 'Passing' }).waitFor(inAWhile);
  assert.equal(await page.locator('#banner .banner').count(), 0);
});

test('shows the runs that another process reports as they come', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await goto('/');
  await live();
  const report = (number: number, status: 'passed' | 'failed') => {
    const broken =
      status === 'failed' ? { step: 'Create Service', ms: 9, findings: [proxyFinding(site.clock.now())] } : undefined;
    const run = runOf('service', { finishedAt: site.clock.now(), number, status, broken });
    site.store.recordReported({ ...run, suite: 'edge', id: `redge${number}` });
  };
  report(1, 'failed');
  const row = page.locator('#remote-edge');
  await row.locator('.state', { hasText: 'Failing' }).waitFor(inAWhile);
  assert.match(await row.innerText(), /Create Service/);
  report(2, 'passed');
  await row.locator('.state', { hasText: 'Passing' }).waitFor(inAWhile);
  assert.equal(await row.locator('.strip a').count(), 2);
});

test('shows what another process tells beside the local suites as it comes', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await goto('/');
  await live();
  const at = site.clock.now().toISOString();
  site.store.recordRemote({
    name: 'Mount Volume',
    namespace: 'storage',
    passing: false,
    details: [['no space', 3]],
    at,
  });
  const row = page.locator('.remote', { hasText: 'storage' });
  await row.locator('.state', { hasText: 'Failing' }).waitFor(inAWhile);
  assert.match(await row.innerText(), /Mount Volume failed[\s\S]*no space 3 times/);
});
