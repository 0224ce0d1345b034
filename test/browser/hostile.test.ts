import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { play } from '../results.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { evidence } from './failures.ts';
import { runOf } from './runs.ts';
import { healthy } from './states.ts';
import { openAll, visit, widthOf } from './visit.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const skip = noBrowser;
const script = `</script><script>globalThis.hit=1</script><img src=x onerror="globalThis.hit=1">"'><svg/onload=globalThis.hit=1>`;
const reversed = '\u202Egnp.exe\u2066 \u0000\u0007';
const long = `begin ${'x'.repeat(100_000)}`;

test('shows hostile texts of other processes as text', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(
    t,
    browser,
    { fill: healthy },
    { viewport: { width: 375, height: 900 } },
  );
  const at = site.clock.now().toISOString();
  for (const text of [script, reversed, long]) {
    site.store.recordRemote({
      name: text,
      namespace: text,
      passing: false,
      details: [[text, 1]],
      at,
      suite: text,
      run: text,
    });
  }
  site.store.recordRemote({ name: 'no info', namespace: '', passing: true, details: [], at });
  for (const path of ['/', '/steps', `/steps?q=${encodeURIComponent(script)}&status=<b>&page=-1e99`]) {
    await goto(path);
    await live();
    assert.equal(await page.evaluate(() => (globalThis as { hit?: number }).hit), undefined);
    assert.equal(await page.locator('main img, main script, main iframe').count(), 0);
    assert.ok(
      (await page.locator('main').innerText()).includes('<script>globalThis.hit=1</script>'),
      `${path} shows it as text`,
    );
    const wide = await widthOf(page);
    assert.ok(wide <= 375, `${path} is ${wide} px wide`);
    const size = (await page.content()).length;
    assert.ok(size < 120_000, `${path} holds ${size} characters`);
  }
});

test('shows hostile texts of the cluster as text, each with a direction of its own', { skip }, async (t) => {
  const { page, site, goto } = await visit(t, browser, { fill: healthy });
  const at = site.clock.now();
  const event = {
    type: 'Warning',
    reason: script,
    message: `${script}${reversed}`,
    object: { kind: 'pod', name: script },
    count: 1,
    lastSeen: at.toISOString(),
  };
  const finding = {
    code: 'k8s.pod_failed' as const,
    blame: 'cluster' as const,
    message: `${script} ${reversed} ${long}`,
    count: 1,
    object: { kind: 'pod', name: `x'; rm -rf / #${script}` },
    evidence: evidence(at, { events: [event], logs: [{ pod: script, lines: [script, long, reversed] }] }),
  };
  const run = runOf('http', {
    finishedAt: at,
    number: 90,
    status: 'failed',
    broken: { step: 'Wait on pods ready', ms: 9, findings: [finding] },
  });
  play(site.store, run);
  const elsewhere = { ...run, suite: script, id: 'relsewhere' };
  site.store.recordReported(elsewhere);
  const paths = [
    '/',
    '/suites/http',
    `/runs/${run.id}`,
    '/steps',
    `/suites/${encodeURIComponent(script)}`,
    '/runs/relsewhere',
  ];
  for (const path of paths) {
    await goto(path);
    await openAll(page);
    assert.equal(await page.evaluate(() => (globalThis as { hit?: number }).hit), undefined);
    assert.equal(await page.locator('main img, main script').count(), 0);
  }
  await goto(`/runs/${run.id}`);
  assert.ok(
    (await page.locator('.cmd code').first().innerText()).includes(`'pod/x'\\''; rm -rf / #`),
    'the command is quoted for a shell',
  );
  const isolated: string[] = await page.evaluate(
    `[...document.querySelectorAll('.findings bdi')].map((one) => getComputedStyle(one).unicodeBidi)`,
  );
  assert.ok(isolated.length > 0 && isolated.every((value) => value === 'isolate'));
});
