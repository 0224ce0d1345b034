/** The real statsd_exporter, Prometheus, Alertmanager and blackbox_exporter beside the product on its sandbox. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtCli } from '../built/index.ts';
import { kit } from '../cluster/kit.ts';
import { freePort } from '../cluster/process.ts';
import { root } from '../deploy/manifests.ts';
import { eventually } from '../eventually.ts';

const run = promisify(execFile);
const tool = join(kit, 'knative/add-monitoring');

/** Why the monitoring cannot be had here; false where it can. */
export const noMonitoring: string | false = !existsSync(tool)
  ? `SKIPPED: no ${tool}; set CLUSTER_KIT`
  : process.getuid?.() === 0
    ? false
    : 'SKIPPED: only root can start the monitoring stack';

export const prometheus = 'http://127.0.0.1:9090';
export const exporter = 'http://127.0.0.1:9102';

/** Prometheus scrapes the targets every second; blackbox_exporter asks the page's /health. Alerts wait for seconds, not for minutes. */
export async function startMonitoring(targets: readonly string[], healthUrl: string): Promise<void> {
  const folder = `/var/tmp/kube-monitoring-${process.pid}`;
  const settings = { PRODUCT: root, TARGETS: targets.join(' '), HEALTH_URL: healthUrl, FAST_RULES: '1' };
  await run(tool, ['up'], { timeout: 180_000, env: { ...process.env, ...settings, MONITORING_DIR: folder } });
  await hurry(folder);
  process.once('exit', () => void spawn(tool, ['down'], { env: { ...process.env, MONITORING_DIR: folder } }));
}

/** Scrapes and evaluates each second; an alert waits for 3 s, and its range of 20 minutes is 45 s: several runs of each suite. */
async function hurry(folder: string): Promise<void> {
  const changed: readonly [file: string, was: RegExp, is: string][] = [
    ['prometheus.yaml', /_interval: 5s/g, '_interval: 1s'],
    ['rules.yaml', /for: 10s/g, 'for: 3s'],
    ['rules.yaml', /\[2m\]/g, '[45s]'],
  ];
  for (const [file, was, is] of changed) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    if (!was.test(text)) throw new Error(`${path} has no ${was}`);
    await writeFile(path, text.replace(was, is));
  }
  const { status } = await fetch(`${prometheus}/-/reload`, { method: 'POST' });
  if (status !== 200) throw new Error(`Prometheus does not reload: ${status}`);
}

export async function stopMonitoring(): Promise<void> {
  await run(tool, ['down'], { env: { ...process.env, MONITORING_DIR: `/var/tmp/kube-monitoring-${process.pid}` } });
}

export interface Serving {
  readonly url: string;
  readonly target: string;
  end(): Promise<void>;
}

/** `serve` from the bundle on a sandbox of its own, with its figures sent to the exporter. */
export async function serve(env: Readonly<Record<string, string>>): Promise<Serving> {
  const port = await freePort();
  const place = {
    CLUSTER: 'sandbox',
    HOST: '127.0.0.1',
    PORT: String(port),
    STATSD_HOST: '127.0.0.1',
    STATSD_PORT: '9125',
  };
  const child: ChildProcess = spawn(process.execPath, [await builtCli(), 'serve'], {
    env: { PATH: process.env.PATH, EVENT_TIMEOUT_SECONDS: '5', ...place, ...env },
    stdio: 'ignore',
  });
  const target = `127.0.0.1:${port}`;
  const url = `http://${target}`;
  await eventually(
    'the process',
    30_000,
    () => fetch(`${url}/readyz`).catch(() => undefined),
    (reply) => reply?.ok === true,
  );
  return {
    url,
    target,
    async end() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** `name{label="…",…}` → value, labels in the order of their names; ours only. */
export async function figures(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = /^(e2etest_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const sorted = [...labels.matchAll(/\w+="[^"]*"/g)].map(String).sort().join(',');
    return name ? [[`${name}{${sorted}}`, Number(value)] as const] : [];
  });
  return new Map(lines);
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

interface QueryReply {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly Sample[] };
}

interface AlertsReply {
  readonly data: {
    readonly alerts: readonly { readonly labels: { readonly alertname: string }; readonly state: string }[];
  };
}

/** An instant query; its samples. */
export async function query(expression: string): Promise<readonly Sample[]> {
  const reply = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { status, error, data } = (await reply.json()) as QueryReply;
  if (status !== 'success') throw new Error(`${expression}: ${error}`);
  return data.result;
}

/** Names of the alerts that fire now. */
export async function firing(): Promise<readonly string[]> {
  const { data } = (await (await fetch(`${prometheus}/api/v1/alerts`)).json()) as AlertsReply;
  return [...new Set(data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname))];
}
