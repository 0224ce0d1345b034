import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { broken, faults, healthy } from './states.ts';
import { visit } from './visit.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const skip = noBrowser;

test('runs a suite at a click, and stays on the page', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy });
  await goto('/');
  await live();
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Run now dns' }).click();
  assert.equal((await answered).status(), 202);
  assert.deepEqual(site.asked, ['dns']);
  assert.equal(new URL(page.url()).hash, '');
});

test('is live and runs suites below a path', { skip }, async (t) => {
  const { site } = await visit(t, browser, { fill: healthy });
  const prefix = '/tools/e2e';
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : undefined;
    if (path === undefined) return outgoing.writeHead(404).end();
    const passed = request(site.url + path, { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(outgoing);
    });
    return incoming.pipe(passed.on('error', () => outgoing.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    proxy.closeAllConnections();
    proxy.close();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}/`);
  await page.locator('#link', { hasText: 'Live' }).waitFor();
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Run now dns' }).click();
  assert.equal((await answered).status(), 202);
  assert.deepEqual(site.asked, ['dns']);
  await page.getByRole('link', { name: 'All steps', exact: true }).click();
  await page.waitForURL(`**${prefix}/steps`);
});

test('runs a suite without the script, and comes back to its row', { skip }, async (t) => {
  const { page, site, goto } = await visit(t, browser, { fill: healthy }, { javaScriptEnabled: false });
  await goto('/');
  await page.getByRole('button', { name: 'Run now http_update' }).click();
  await page.waitForURL(`${site.url}/#suite-http_update`);
  assert.deepEqual(site.asked, ['http_update']);
});

test('asks for the token where one is set, once, and keeps it for the session', { skip }, async (t) => {
  const { page, site, goto, live } = await visit(t, browser, { fill: healthy, token: 'secret' });
  await goto('/');
  await live();
  await page.getByRole('link', { name: 'Run now dns' }).click();
  await page.getByLabel('Token').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('That token was not accepted.').waitFor();
  assert.deepEqual(site.asked, []);
  await page.getByLabel('Token').fill('secret');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => sessionStorage.getItem('token') === 'secret');
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('link', { name: 'Run now http', exact: true }).click();
  assert.equal((await answered).status(), 202);
  assert.deepEqual(site.asked, ['dns', 'http']);
});

test('asks for the token on a page of its own without the script', { skip }, async (t) => {
  const { page, site, goto } = await visit(
    t,
    browser,
    { fill: healthy, token: 'secret' },
    { javaScriptEnabled: false },
  );
  await goto('/');
  await page.getByRole('link', { name: 'Run now dns' }).click();
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Run now' }).click();
  assert.match(await page.getByRole('alert').innerText(), /Wrong token/);
  await page.getByLabel('Token').fill('secret');
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(`${site.url}/#suite-dns`);
  assert.deepEqual(site.asked, ['dns']);
});

test('switches faults of the sandbox, in a section of its own, with the script and without', { skip }, async (t) => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, goto } = await visit(t, browser, { fill: healthy, faults: faults() }, { javaScriptEnabled });
    await goto('/');
    const fault = page
      .getByRole('region', { name: 'Sandbox: break something' })
      .getByRole('switch', { name: /scheduler-stopped/ });
    assert.equal(await fault.getAttribute('aria-checked'), 'false');
    await fault.click();
    await page.locator('#faults [aria-checked=true]', { hasText: 'scheduler-stopped' }).waitFor();
    assert.equal(await fault.getAttribute('aria-checked'), 'true');
  }
});

test('shows no fault switches where there is no sandbox', { skip }, async (t) => {
  const { page, goto } = await visit(t, browser, { fill: healthy });
  await goto('/');
  assert.equal(await page.getByRole('switch').count(), 0);
});

test('copies the kubectl command of an object', { skip }, async (t) => {
  const { page, goto } = await visit(t, browser, { fill: broken });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await goto('/');
  await page.locator('#suite-http .findings .copy').first().click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate('navigator.clipboard.readText()');
  assert.equal(copied, 'kubectl -n kubee2etests-http describe service/kubee2etests');
});

test('filters the table of all steps while typing, and without the script by its form', { skip }, async (t) => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, goto } = await visit(t, browser, { fill: broken }, { javaScriptEnabled });
    await goto('/steps');
    const rows = page.locator('.all tbody tr');
    const all = await rows.count();
    await page.getByLabel('Find').fill('volume');
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText(`2 steps of ${all}`).waitFor();
    assert.equal(await rows.count(), 2);
    assert.match(page.url(), /q=volume/);
  }
});
