/** What Prometheus makes of our figures: by /metrics and through the exporter, in rules and on the dashboard. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Health } from '../../runtime/model/health.ts';
import { root } from '../deploy/manifests.ts';
import { fillGrafana } from '../deploy/promql.ts';
import { eventually } from '../eventually.ts';
import {
  exporter,
  figures,
  firing,
  noMonitoring,
  query,
  type Serving,
  serve,
  startMonitoring,
  stopMonitoring,
} from './stack.ts';

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
  readonly fieldConfig: { readonly defaults: { readonly noValue?: string } };
}

/** Histograms of the two differ in how a sum is rounded, and the build is told by the process alone. */
const isCompared = (name: string) => !/_sum\{|^e2etest_build_info|^e2etest_unmapped/.test(name);

describe('real monitoring', { skip: noMonitoring, timeout: 600_000 }, () => {
  /** One that runs all suites, scraped; two that share a second set of figures at the exporter. */
  let all: Serving;
  const pair: Serving[] = [];

  before(async () => {
    all = await serve({ SECONDS_BETWEEN_RUNS: '1', STATSD_HOST: '' });
    await startMonitoring([all.target], `${all.url}/health`);
    const shared = { SCHEDULER: 'off' };
    pair.push(
      await serve({ ...shared, SUITES: 'deployment,http,namespace' }),
      await serve({ ...shared, SUITES: 'service,dns' }),
    );
  });
  after(async () => {
    await Promise.all([all, ...pair].map((one) => one?.end()));
    await stopMonitoring();
  });

  const setFault = (name: string, on: boolean) =>
    fetch(`${all.url}/faults/${name}`, {
      method: 'POST',
      body: new URLSearchParams({ on: String(on) }),
      redirect: 'manual',
    });

  test('two processes through one exporter give the figures of their own /metrics, by name, label, bucket and value', async () => {
    const [several, two] = pair as [Serving, Serving];
    const runs = [
      ...['deployment', 'http', 'namespace'].map((suite) => `${several.url}/run/${suite}`),
      ...['service', 'dns', 'dns'].map((suite) => `${two.url}/run/${suite}`),
    ];
    for (const url of runs) assert.equal((await fetch(url, { method: 'POST' })).status, 200, url);
    const own = await Promise.all(pair.map(({ url }) => figures(url)));
    const wanted = new Map<string, number>();
    for (const [name, value] of own.flatMap((map) => [...map])) {
      if (isCompared(name)) wanted.set(name, (wanted.get(name) ?? 0) + value);
    }
    const different = async () => {
      const seen = await figures(exporter);
      const names = new Set([...wanted.keys(), ...[...seen.keys()].filter(isCompared)]);
      return [...names].flatMap((name) =>
        wanted.get(name) === seen.get(name) ? [] : [`${name}: ${wanted.get(name)} and ${seen.get(name)}`],
      );
    };
    await eventually('the same figures', 20_000, different, (names) => names.length === 0);
    assert.ok(wanted.size > 300, `${wanted.size} figures`);
  });

  test('on a healthy cluster no alert fires, and every panel has data or says none', async () => {
    const health = async () => (await (await fetch(`${all.url}/health`)).json()) as Health;
    await eventually('all suites pass', 90_000, health, ({ status }) => status === 'passing');
    const up = () => query('sum(increase(e2etest_runs_total{status="passed"}[2m]))');
    await eventually('Prometheus has seen runs', 60_000, up, ([sample]) => Number(sample?.value[1]) > 10);
    assert.deepEqual(await firing(), []);
    const { panels } = JSON.parse(readFileSync(join(root, 'contrib/grafana-dashboard.json'), 'utf8')) as {
      panels: readonly Panel[];
    };
    for (const { title, targets, fieldConfig } of panels) {
      const found = (await Promise.all(targets.map(({ expr }) => query(fillGrafana(expr))))).flat();
      assert.ok(found.length > 0 || fieldConfig.defaults.noValue === 'none', `${title} is empty and does not say none`);
    }
    assert.deepEqual(
      (await query('probe_success')).map(({ value }) => value[1]),
      ['1'],
    );
  });

  test('an outage fires its alert, names the component, and ends with it', async () => {
    await setFault('scheduler-down', true);
    await eventually('the alert', 120_000, firing, (names) => names.includes('KubeE2EOutage'));
    const [broken] = await query('max by (component) (e2etest_diagnosis) == 1');
    assert.equal(broken?.metric.component, 'scheduler');
    assert.deepEqual(
      (await query('probe_success')).map(({ value }) => value[1]),
      ['0'],
    );
    await setFault('scheduler-down', false);
    await eventually('the end of the alert', 120_000, firing, (names) => !names.includes('KubeE2EOutage'));
  });

  test('one suite that fails fires the alert of that suite', async () => {
    await setFault('dns-servfail', true);
    await eventually('the alert', 240_000, firing, (names) => names.includes('KubeE2ESuiteFailing'));
    await setFault('dns-servfail', false);
    await eventually('its end', 120_000, firing, (names) => !names.includes('KubeE2ESuiteFailing'));
  });

  test('figures without a mapping are lost aloud', async () => {
    const socket = createSocket('udp4');
    await new Promise((sent) => socket.send('e2etest.nobody.knows.this:1|c', 9125, '127.0.0.1', sent));
    socket.close();
    const unmapped = async () => (await figures(exporter)).get('e2etest_unmapped_total{}');
    await eventually('the catch-all', 10_000, unmapped, (value) => value === 1);
  });
});
