/** What Prometheus makes of our figures: by /metrics and through the exporter, in rules, on the dashboard and at Alertmanager's receiver. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Health } from '../../runtime/model/health.ts';
import { root } from '../deploy/manifests.ts';
import { fillGrafana } from '../deploy/promql.ts';
import { eventually } from '../eventually.ts';
import { alertNames, hourSeconds } from './scaled-rules.ts';
import {
  alertmanager,
  endAll,
  exporter,
  figures,
  type Notice,
  noMonitoring,
  notices,
  query,
  type Serving,
  serve,
  startMonitoring,
  stopMonitoring,
} from './stack.ts';

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly noValue?: string;
      readonly mappings?: readonly { readonly options: Readonly<Record<string, { readonly text: string }>> }[];
    };
  };
}

const { panels } = JSON.parse(readFileSync(join(root, 'contrib/grafana-dashboard.json'), 'utf8')) as {
  panels: readonly Panel[];
};

/** Histograms of the two differ in how a sum is rounded; the build, and whether a maintenance is under way, are told by the process alone. */
const isCompared = (name: string) =>
  !/_sum\{|^e2etest_build_info|^e2etest_maintenance\{\}|^e2etest_unmapped/.test(name);

const post = (url: string) => fetch(url, { method: 'POST' });

const setFault = async ({ url }: Serving, name: string, on: boolean) => {
  const body = new URLSearchParams({ on: String(on) });
  const { status } = await fetch(`${url}/faults/${name}`, { method: 'POST', body, redirect: 'manual' });
  assert.equal(status, 303, name);
};

/** Notices that came before Prometheus knew any figures. */
let settled = 0;

/** A notice of this alert has come since `from`, and says what `holds` looks for. */
const noticed = (
  status: Notice['status'],
  alertname: string,
  holds: (notice: Notice) => boolean = () => true,
  from = settled,
): Promise<readonly Notice[]> =>
  eventually(`${alertname} ${status}`, 120_000, notices, (all) =>
    all.slice(from).some((notice) => notice.status === status && notice.alertname === alertname && holds(notice)),
  );

describe('real monitoring', { skip: noMonitoring, timeout: 600_000 }, () => {
  /** Most suites, over and over, scraped. */
  let most: Serving;
  /** http alone, so that it can become slow while the others have other troubles. */
  let slow: Serving;
  /** Runs when it is asked to, and what it has to say is old after six seconds. */
  let seldom: Serving;
  /** Two that share a set of figures at the exporter. */
  let pair: readonly [Serving, Serving];

  before(async () => {
    const busy = { SECONDS_BETWEEN_RUNS: '0', STATSD_HOST: '' };
    const asked = { SCHEDULER: 'off' };
    const [first, ...others] = await Promise.all([
      serve({
        ...busy,
        NOTIFY_URL: alertmanager,
        NOTIFY_FORMAT: 'alertmanager',
        SUITES:
          'deployment,deployment_scale,deployment_service,deployment_update,dns,http_update,job,namespace,service',
      }),
      serve({ ...busy, SUITES: 'http' }),
      serve({
        ...asked,
        STATSD_HOST: '',
        FUNCTIONS_DIR: resolve('test/fixtures/requires'),
        TIME_TO_REPORT_PROBLEM: '0.1',
      }),
    ]);
    most = first;
    [slow, seldom] = others as [Serving, Serving];
    const targets = [most.target, slow.target, seldom.target, 'exporter'];
    await startMonitoring(targets, `${most.url}/health`);
    pair = await Promise.all([
      serve({ ...asked, SUITES: 'deployment,http,namespace' }),
      serve({ ...asked, SUITES: 'service,dns' }),
    ]);
  });
  after(async () => {
    await endAll();
    await stopMonitoring();
  });

  test('two processes through one exporter give the figures of their own /metrics, by name, label, bucket and value', async () => {
    const [several, two] = pair;
    const runs = [
      ...['deployment', 'http', 'namespace'].map((suite) => `${several.url}/run/${suite}`),
      ...['service', 'dns', 'dns'].map((suite) => `${two.url}/run/${suite}`),
    ];
    for (const url of runs) assert.equal((await post(url)).status, 200, url);
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
    const health = async () => (await (await fetch(`${most.url}/health`)).json()) as Health;
    await eventually('all suites pass', 90_000, health, ({ status }) => status === 'passing');
    const up = () => query('sum(increase(e2etest_runs_total{status="passed"}[2m]))');
    await eventually('Prometheus has seen runs', 60_000, up, ([sample]) => Number(sample?.value[1]) > 20);
    // Fifteen minutes without any metric are less than a second here: on a busy machine the first scrape takes that long.
    const early = (await notices()).length;
    const scrapes = () => query('min(count_over_time(up[2m]))');
    await eventually(
      'an hour of the scaled rules',
      60_000,
      scrapes,
      ([sample]) => Number(sample?.value[1]) >= hourSeconds,
    );
    const all = await notices();
    settled = all.length;
    const fired = all.filter(
      ({ status, alertname }, at) => status === 'firing' && (at >= early || alertname !== 'KubeE2ELostMetrics'),
    );
    assert.deepEqual(fired, []);
    for (const { title, targets, fieldConfig } of panels) {
      for (const { expr } of targets) {
        const found = await query(fillGrafana(expr));
        assert.ok(
          found.length > 0 || fieldConfig.defaults.noValue === 'none',
          `${title}: ${expr} is empty, and the panel does not say none`,
        );
      }
    }
    // On a busy machine one probe may run out of its second.
    const probes = () => query('probe_success');
    await eventually('the probe is well', 30_000, probes, (all) => all.map(({ value }) => value[1]).join() === '1');
  });

  describe('every alert reaches the receiver by its fault, and is taken back after it', { concurrency: true }, () => {
    test('an outage, which names the component; then a failing suite, errored ones, and many findings', async () => {
      await setFault(most, 'scheduler-down', true);
      await noticed('firing', 'KubeE2EOutage', ({ description }) => description.includes('Broken: scheduler.'));
      await noticed('firing', 'KubeE2EBroken', ({ description }) => description.includes('scheduler'));
      assert.deepEqual(
        (await query('probe_success')).map(({ value }) => value[1]),
        ['0'],
      );
      await setFault(most, 'scheduler-down', false);
      await noticed('resolved', 'KubeE2EOutage');
      await noticed('resolved', 'KubeE2EBroken', ({ description }) => description.includes('scheduler'));

      const from = (await notices()).length;
      await setFault(most, 'dns-servfail', true);
      await setFault(most, 'configmap-forbidden', true);
      await noticed('firing', 'KubeE2ESuiteFailing', ({ suite }) => suite === 'dns', from);
      await noticed('firing', 'KubeE2ESuiteErrored', ({ suite }) => suite === 'deployment', from);
      await noticed('firing', 'KubeE2EErrorRate', ({ error }) => error === 'servfail', from);
      await setFault(most, 'dns-servfail', false);
      await setFault(most, 'configmap-forbidden', false);
      await noticed('resolved', 'KubeE2ESuiteFailing', ({ suite }) => suite === 'dns', from);
      await noticed('resolved', 'KubeE2ESuiteErrored', ({ suite }) => suite === 'deployment', from);
      await noticed('resolved', 'KubeE2EErrorRate', ({ error }) => error === 'servfail', from);
    });

    test('a suite that takes twice as long as before, and more than its limit', async () => {
      await setFault(slow, 'service-proxy-slow', true);
      await noticed('firing', 'KubeE2ESuiteSlow', ({ suite }) => suite === 'http');
      await noticed('firing', 'KubeE2ESuiteBeyondLimit', ({ suite }) => suite === 'http');
      await setFault(slow, 'service-proxy-slow', false);
      await noticed('resolved', 'KubeE2ESuiteBeyondLimit', ({ suite }) => suite === 'http');
      await noticed('resolved', 'KubeE2ESuiteSlow', ({ suite }) => suite === 'http');
    });

    test('a suite that does not run any more; one that is unsupported is so on the dashboard, and alarms nobody', async () => {
      const isUnsupported = ({ suite }: { readonly suite?: string }) => suite === 'fixture_requires';
      const ask = async () => assert.equal((await post(`${seldom.url}/run/fixture_requires`)).status, 200);
      await ask();
      const states = panels.find(({ title }) => title === 'Runs by suite')!;
      const state = () => query(fillGrafana(states.targets[0]!.expr));
      const found = await eventually('its state', 20_000, state, (all) =>
        all.some(({ metric }) => isUnsupported(metric)),
      );
      const value = found.find(({ metric }) => isUnsupported(metric))!.value[1];
      assert.equal(states.fieldConfig.defaults.mappings?.[0]?.options[value]?.text, 'unsupported');
      await noticed('firing', 'KubeE2ESuiteStale', isUnsupported);
      await ask();
      await noticed('resolved', 'KubeE2ESuiteStale', isUnsupported);
      assert.deepEqual(
        (await notices()).filter((one) => isUnsupported(one) && one.alertname !== 'KubeE2ESuiteStale'),
        [],
      );
    });

    test('figures without a mapping', async () => {
      const socket = createSocket('udp4');
      const send = () => new Promise((sent) => socket.send('e2etest.nobody.knows.this:1|c', 9125, '127.0.0.1', sent));
      let isNoticed = false;
      const alert = noticed('firing', 'KubeE2ELostMetrics').finally(() => {
        isNoticed = true;
      });
      while (!isNoticed) await send().then(() => pause(500));
      socket.close();
      await alert;
      await noticed('resolved', 'KubeE2ELostMetrics');
    });
  });

  test('after all of it every shipped alert has come and gone', async () => {
    const all = (await notices()).slice(settled);
    for (const status of ['firing', 'resolved'] as const) {
      const names = new Set(all.filter((notice) => notice.status === status).map(({ alertname }) => alertname));
      // The product's own notice beside those of the shipped rules.
      assert.deepEqual([...names].sort(), [...alertNames, 'KubeE2EBroken'].sort(), status);
    }
  });
});
