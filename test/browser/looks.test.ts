import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import type { Store } from '../../runtime/memory/store.ts';
import { createMaintenance } from '../../runtime/process/maintenance-watch.ts';
import { play } from '../results.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { clockAt, minute, type SiteParts } from './fixtures.ts';
import { runOf, suiteNames } from './runs.ts';
import { areaOf, broken, brokenAmongMany, brokenHeadline, faults, healthy, manySuites, slow } from './states.ts';
import { openAll, visit, widthOf } from './visit.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const skip = noBrowser;
const clock = () => clockAt(new Date('2026-03-05T14:06:40.000Z'));
const paths = ['/', '/steps', '/episodes', '/suites/http', '/runs/mhttp015', '/suites/http/run', '/runs/none'];

function brokenSite(): SiteParts {
  const time = clock();
  return { clock: time, fill: broken, store: { headlineOf: brokenHeadline(time) }, faults: faults() };
}

function pausedSite() {
  const parts = brokenSite();
  const maintenance = createMaintenance({ windows: [], now: () => parts.clock!.now().getTime() });
  after(() => maintenance.close());
  maintenance.begin(60, 'Nodes are replaced');
  return { ...parts, maintenance };
}

function manySite(): SiteParts {
  const time = clock();
  return {
    clock: time,
    fill: brokenAmongMany,
    store: { headlineOf: brokenHeadline(time) },
    suites: manySuites,
    areaOf,
  };
}

test('many suites stand under their area, what is not well first; two columns use a wide screen', {
  skip,
}, async (t) => {
  const { page, goto } = await visit(t, browser, manySite());
  const titles = () => page.locator('.area h3').allInnerTexts();
  for (const width of [375, 768, 1440, 2560]) {
    await page.setViewportSize({ width, height: 1000 });
    await goto('/');
    assert.match(
      (await titles()).join('; '),
      /^Network \d+ suites.*2 failing.*; Workloads \d+ suites.*1 errored.*; Control plane/,
    );
    const wide = await widthOf(page);
    assert.ok(wide <= width, `${wide} px wide at ${width} px`);
    const lefts = await page.locator('.area').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
    assert.equal(new Set(lefts.map(Math.round)).size, width === 2560 ? 2 : 1, `columns at ${width} px`);
  }
  assert.match(await page.locator('.area .suite .state').first().innerText(), /Failing/);
});

test('a row without an availability has its columns where the others have theirs', { skip }, async (t) => {
  const time = clock();
  const fill = (store: Store) => {
    healthy(store, time);
    const run = runOf('http', { finishedAt: time.now(), number: 0 });
    play(store, { ...run, id: 'mnew000', suite: 'new_suite', status: 'unsupported', steps: [] });
  };
  const { page, goto } = await visit(t, browser, { clock: time, fill, suites: [...suiteNames, 'new_suite'] });
  await page.setViewportSize({ width: 1440, height: 1000 });
  await goto('/');
  for (const column of ['.last', '.took', '.next']) {
    const ends = await page
      .locator(`summary > ${column}`)
      .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().right)));
    assert.equal(ends.length, suiteNames.length + 1);
    assert.equal(new Set(ends).size, 1, `${column}: ${ends}`);
  }
});

test('many suites can be searched, with the script while typing and without it by a form', { skip }, async (t) => {
  const shown = '.area .suite';
  for (const javaScriptEnabled of [true, false]) {
    const { page, goto, live } = await visit(t, browser, manySite(), { javaScriptEnabled });
    await goto('/');
    if (javaScriptEnabled) await live();
    assert.equal(await page.locator(shown).count(), manySuites.length);
    await page.locator('.filter input').fill('HTTP');
    if (!javaScriptEnabled) await page.locator('.filter button').click();
    await page.locator('#shown', { hasText: '2 of ' }).waitFor();
    assert.deepEqual(await page.locator(`${shown} .name b`).allInnerTexts(), ['http', 'http_update']);
    await page.locator('.filter input').fill('');
    await page.locator('.filter select').selectOption('red');
    if (!javaScriptEnabled) await page.locator('.filter button').click();
    await page.locator('#shown', { hasText: '3 of ' }).waitFor();
    assert.equal(await page.locator(shown).count(), 3);
  }
});

for (const width of [375, 768, 1440, 2560]) {
  test(`needs no sideways scrolling at ${width} px, everything opened`, { skip }, async (t) => {
    const { page, goto } = await visit(t, browser, brokenSite(), { viewport: { width, height: 900 } });
    for (const path of paths) {
      await goto(path);
      await openAll(page);
      const wide = await widthOf(page);
      assert.equal(await page.locator('h1').count(), 1);
      assert.ok(wide <= width, `${path} is ${wide} px wide`);
    }
  });
}

test('axe-core finds nothing serious, in light and in dark, on any page and in any state', { skip }, async (t) => {
  const states: readonly (readonly [string, () => SiteParts, readonly string[]])[] = [
    ['broken', brokenSite, paths],
    ['paused', pausedSite, ['/']],
    ['slow', () => ({ clock: clock(), fill: slow }), ['/', '/suites/http']],
    ['healthy', () => ({ clock: clock(), fill: healthy }), ['/']],
    ['many', manySite, ['/?q=http']],
    ['first', () => ({ clock: clock(), token: 'secret' }), ['/', '/steps', '/suites/http', '/suites/http/run']],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [state, parts, where] of states) {
      const { page, goto } = await visit(t, browser, parts(), {
        colorScheme,
        reducedMotion: 'reduce',
        bypassCSP: true,
      });
      for (const path of where) {
        await goto(path);
        await openAll(page);
        await page.evaluate(axe.source);
        const found = await page.evaluate(() =>
          (
            globalThis as unknown as {
              axe: {
                run(): Promise<{
                  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
                }>;
              };
            }
          ).axe.run(),
        );
        const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const seen = serious.map(
          ({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 300)} ${nodes[0]!.failureSummary}`,
        );
        assert.deepEqual(seen, [], `${state} ${path} ${colorScheme}`);
      }
    }
  }
});

test('is dark where dark is preferred', { skip }, async (t) => {
  const background = async (colorScheme: 'light' | 'dark') => {
    const { page, goto } = await visit(t, browser, brokenSite(), { colorScheme });
    await goto('/');
    return page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
  };
  assert.equal(await background('light'), 'rgb(246, 246, 244)');
  assert.equal(await background('dark'), 'rgb(15, 17, 20)');
});

test('tells every state by word and shape as well as by colour', { skip }, async (t) => {
  const { page, goto } = await visit(t, browser, brokenSite());
  await goto('/');
  const states = await page
    .locator('.suite .state')
    .evaluateAll((all) =>
      all.map((state) => [state.textContent!.trim(), state.querySelector('use')!.getAttribute('href')].join(' ')),
    );
  assert.deepEqual([...new Set(states)].sort(), ['Errored #warn', 'Failing #bad', 'Passing #ok']);
  const heights: string[] = await page.evaluate(
    `[...document.querySelectorAll('#suite-http .strip a')].map((cell) => cell.className + getComputedStyle(cell, '::before').height)`,
  );
  assert.equal(new Set(heights).size, 2, 'a failed run is taller than a passed one');
});

test('a slow suite is yellow, has a shape of its own, and says how long it took and usually takes', {
  skip,
}, async (t) => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, goto } = await visit(t, browser, { clock: clock(), fill: slow }, { javaScriptEnabled });
    await goto('/');
    assert.equal(await page.locator('h1').innerText(), 'Slow');
    assert.match(await page.locator('[data-say]').innerText(), /^1 of 10 suites: http$/);
    assert.equal(await page.locator('#favicon').getAttribute('href'), './favicon-slow.svg');
    const first = page.locator('.suite').first();
    assert.match(await first.innerText(), /Slow.*http.*took 31\.4 s, usually 4\d\d ms; slow beyond 2\.0 s/s);
    assert.equal(await first.locator('.state use').getAttribute('href'), '#slow');
    assert.equal(await page.locator('.suite[data-state=passing]').count(), 9);
  }
});

test('a maintenance stands at the top of every page, with its end and its reason, and comes and goes by itself', {
  skip,
}, async (t) => {
  for (const javaScriptEnabled of [true, false]) {
    const parts = pausedSite();
    const { maintenance } = parts;
    const { page, site, goto, live } = await visit(t, browser, parts, { javaScriptEnabled });
    maintenance.subscribe(() => site.store.recordMaintenance());
    const note = page.locator('#maintenance');
    for (const path of ['/', '/suites/http', '/episodes']) {
      await goto(path);
      assert.match(
        await note.innerText(),
        /^\s*Maintenance until 15:06: Nodes are replaced It ends in (59 min|1 h)\. Runs go on/,
      );
    }
    await goto('/');
    assert.equal(await page.locator('h1').innerText(), 'Failing');
    if (!javaScriptEnabled) continue;
    await live();
    maintenance.finish();
    await note.getByText('Maintenance').waitFor({ state: 'detached' });
    maintenance.begin(5, 'Once more');
    await note.getByText('Once more').waitFor();
  }
});

test('says everything without the script', { skip }, async (t) => {
  const { page, goto } = await visit(t, browser, brokenSite(), { javaScriptEnabled: false });
  await goto('/');
  assert.equal(await page.locator('h1').innerText(), 'Failing');
  const text = await page.locator('main').innerText();
  for (const part of [
    'kube-proxy',
    'node2',
    'Look first:',
    '14:01:20',
    'Does not explain',
    'deployment_scale',
    'Wait on pods ready',
    '2 of 3 pods Ready',
    'volume',
  ]) {
    assert.ok(text.includes(part), `${part} is on the page`);
  }
  assert.equal(await page.locator('.copy').first().isVisible(), false, 'no button that does nothing');
  await page.locator('#suite-dns summary').click();
  assert.match(await page.locator('#suite-dns').innerText(), /Resolve kubernetes\.default\.svc\.cluster\.local/);
});

test('can be used by the keyboard alone', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { clock: clock(), fill: healthy });
  await goto('/');
  await live();
  const focused = (what: string): Promise<string> => page.evaluate(`String(document.activeElement.${what})`);
  await page.keyboard.press('Tab');
  assert.equal(await focused('textContent'), 'Skip to the results');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await focused(`closest('[id]').id`), 'suite-namespace');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#suite-namespace details[open]').count(), 1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const newest = await focused('title');
  assert.match(newest, /^passed, 5\.\d s, 03-05 14:05:40$/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await focused('title'), /14:02:40$/);
  await page.keyboard.press('Tab');
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.keyboard.press('Enter');
  await answered;
  assert.deepEqual(site.asked, ['namespace']);
});

test('marks a stale page with words, in the title and in the icon', { skip }, async (t) => {
  const time = clock();
  const { page, site, goto } = await visit(t, browser, { clock: time, fill: healthy });
  site.clock.shift(3 * 24 * 60 * minute);
  await goto('/');
  assert.match(await page.title(), /Stale 10 of 10/);
  assert.match(await page.locator('#banner').innerText(), /No result for more than 20 minutes.*3 d ago/);
  assert.equal(await page.locator('#favicon').getAttribute('href'), './favicon-stale.svg');
  await page.locator('#suite-dns summary').click();
  assert.match(await page.locator('#suite-dns').innerText(), /No result for more than 20 minutes/);
});
