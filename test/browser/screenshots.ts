/**
 * Makes docs/screenshots/*.png: `npm run screenshots [name …]`. Run it when the page has changed its looks. Needs pngquant. What is shown
 * is the product on its sandbox, with the sandbox's own faults switched on.
 */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { Health } from '../../runtime/model/health.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { eventually } from '../eventually.ts';
import { type Serving, serve } from '../monitoring/stack.ts';
import { openBrowser } from './browser.ts';

const folder = new URL('../../docs/screenshots/', import.meta.url);
const wanted = process.argv.slice(2);
/** As many runs of a suite fill its strip. */
const stripRuns = 20;

interface Looks {
  readonly path?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

const browser = await openBrowser();
await mkdir(folder, { recursive: true });

async function shoot({ url }: Serving, name: string, looks: Looks = {}): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const { path = '/', width = 1440, height = 1000, dark = false } = looks;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  await page.goto(url + path);
  if (!path.startsWith('/runs/')) await page.locator('#link', { hasText: 'Live' }).waitFor();
  const file = new URL(`${name}.png`, folder).pathname;
  await page.screenshot({ path: file });
  execFileSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '48', file]);
  await context.close();
}

const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
const healthOf = ({ url }: Serving) => json<Health>(`${url}/health`);

async function setFault({ url }: Serving, name: string, on: boolean): Promise<void> {
  await fetch(`${url}/faults/${name}`, {
    method: 'POST',
    body: new URLSearchParams({ on: String(on) }),
    redirect: 'manual',
  });
}

if (wanted.length === 0 || wanted.some((name) => name !== 'stale')) await shootLive();
if (wanted.length === 0 || wanted.includes('stale')) await shootStale();
await browser.close();

async function shootLive(): Promise<void> {
  const live = await serve({ STATSD_HOST: '', SECONDS_BETWEEN_RUNS: '2' });
  await shoot(live, 'first');
  await eventually(
    'all suites pass',
    120_000,
    () => healthOf(live),
    ({ status }) => status === 'passing',
  );
  const runsOfHttp = async () => (await json<{ runs: readonly unknown[] }>(`${live.url}/results/http`)).runs.length;
  await eventually('a history', 300_000, runsOfHttp, (runs) => runs >= stripRuns);
  await eventually(
    'all suites pass',
    60_000,
    () => healthOf(live),
    ({ status }) => status === 'passing',
  );
  await shoot(live, 'passing');

  await setFault(live, 'service-proxy-down', true);
  const isFound = ({ headline, suites }: Health) =>
    headline?.component === 'kube-proxy' && suites.filter(({ state }) => state === 'failing').length > 1;
  await eventually('the fault is found', 120_000, () => healthOf(live), isFound);
  await shoot(live, 'failing', { height: 1500 });
  await shoot(live, 'failing-dark', { height: 1500, dark: true });
  await shoot(live, 'phone', { width: 375, height: 1400 });
  await shoot(live, 'suite', { path: '/suites/http', height: 1300 });
  const runs = await json<{ runs: readonly RunResult[] }>(`${live.url}/results/http`);
  const failed = runs.runs.find(({ status }) => status === 'failed')!;
  await shoot(live, 'run', { path: `/runs/${failed.id}`, height: 900 });
  await shoot(live, 'steps', { path: '/steps', height: 900 });
  await shoot(live, 'sandbox', { path: '/#faults' });
  await setFault(live, 'service-proxy-down', false);
  await eventually(
    'it is over',
    120_000,
    () => healthOf(live),
    ({ status }) => status === 'passing',
  );
  await shoot(live, 'episodes', { path: '/episodes', height: 700 });
  await live.end();
}

/** Nobody starts its suites again: what they have to say grows old. */
async function shootStale(): Promise<void> {
  const old = await serve({ STATSD_HOST: '', SCHEDULER: 'off', TIME_TO_REPORT_PROBLEM: '1' });
  const { suites } = await healthOf(old);
  await Promise.all(suites.map(({ suite }) => fetch(`${old.url}/run/${suite}`, { method: 'POST' })));
  await eventually(
    'all are stale',
    180_000,
    () => healthOf(old),
    ({ suites: all }) => all.every(({ state }) => state === 'stale'),
  );
  await shoot(old, 'stale');
  await old.end();
}
