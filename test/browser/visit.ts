/** One browser page on one site, closed when the test ends. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openSite, type Site, type SiteParts } from './fixtures.ts';

export interface Visit {
  readonly page: Page;
  readonly site: Site;
  goto(path: string): Promise<void>;
  /** Waits until the page hears events. */
  live(): Promise<void>;
}

/** The test fails if the page complains (script errors, what the content security policy forbids) or asks another host. */
export async function visit(
  t: TestContext,
  browser: Browser,
  parts: SiteParts = {},
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const site = await openSite(parts);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== site.url) complaints.push(`asked ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    await site.close();
    assert.deepEqual(complaints, []);
  });
  return {
    page,
    site,
    goto: async (path) => {
      const response = await page.goto(site.url + path);
      assert.ok((response?.status() ?? 0) < 500, `${path} is answered: ${await response?.text()}`);
    },
    live: () => page.locator('#link', { hasText: 'Live' }).waitFor(),
  };
}

/** Unfolds everything. */
export function openAll(page: Page): Promise<unknown> {
  return page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
}

/** How wide the page is laid out, in CSS pixels. */
export function widthOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth');
}
