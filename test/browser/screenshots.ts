/** Makes docs/screenshots/*.png: `npm run screenshots [name …]`. Run it when the page has changed its looks. Needs pngquant. */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { openBrowser } from './browser.ts';
import { clockAt, minute, openSite, type Site, type SiteParts } from './fixtures.ts';
import { broken, brokenHeadline, faults, healthy } from './states.ts';

const folder = new URL('../../docs/screenshots/', import.meta.url);
const clock = () => clockAt(new Date('2026-03-05T14:06:40.000Z'));

interface Shot {
  readonly name: string;
  readonly site: () => SiteParts;
  readonly path?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly before?: (site: Site) => void;
}

const brokenSite = (): SiteParts => {
  const time = clock();
  return { clock: time, fill: broken, store: { headlineOf: brokenHeadline(time) } };
};

const shots: readonly Shot[] = [
  { name: 'passing', site: () => ({ clock: clock(), fill: healthy }) },
  { name: 'failing', site: brokenSite, height: 1500 },
  { name: 'failing-dark', site: brokenSite, height: 1500, dark: true },
  { name: 'phone', site: brokenSite, width: 375, height: 1400 },
  { name: 'first', site: () => ({ clock: clock() }) },
  {
    name: 'stale',
    site: () => ({ clock: clock(), fill: healthy }),
    before: ({ clock: time }) => time.shift(45 * minute),
  },
  { name: 'suite', site: brokenSite, path: '/suites/http', height: 1300 },
  { name: 'run', site: brokenSite, path: '/runs/mhttp015', height: 900 },
  { name: 'steps', site: brokenSite, path: '/steps', height: 900 },
  { name: 'sandbox', site: () => ({ ...brokenSite(), faults: faults() }), path: '/#faults' },
];

const browser = await openBrowser();
await mkdir(folder, { recursive: true });
for (const { name, site: parts, path = '/', width = 1440, height = 1000, dark = false, before } of shots) {
  if (process.argv.length > 2 && !process.argv.includes(name)) continue;
  const site = await openSite(parts());
  before?.(site);
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  await page.goto(site.url + path);
  if (!path.startsWith('/runs/')) await page.locator('#link', { hasText: 'Live' }).waitFor();
  const file = new URL(`${name}.png`, folder).pathname;
  await page.screenshot({ path: file });
  execFileSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '48', file]);
  await context.close();
  await site.close();
}
await browser.close();
