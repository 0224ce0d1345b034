/** The real statsd_exporter, Prometheus, Alertmanager and blackbox_exporter beside the product on its sandbox. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtCli } from '../built/index.ts';
import { kit } from '../cluster/kit.ts';
import { freePort } from '../cluster/process.ts';
import { root } from '../deploy/manifests.ts';
import { eventually } from '../eventually.ts';
import { scaledRules } from './scaled-rules.ts';

const run = promisify(execFile);
const tool = join(kit, 'knative/add-monitoring');

/** Why the monitoring cannot be had here; false where it can. */
export const noMonitoring: string | false = !existsSync(tool)
  ? `SKIPPED: no ${tool}; set CLUSTER_KIT`
  : process.getuid?.() === 0
    ? false
    : 'SKIPPED: only root can start the monitoring stack';

const prometheus = 'http://127.0.0.1:9090';
export const alertmanager = 'http://127.0.0.1:9093';
export const exporter = 'http://127.0.0.1:9102';

const folder = `/var/tmp/kube-monitoring-${process.pid}`;

/** Prometheus scrapes the targets every second; blackbox_exporter asks the page's /health. The alerts are the shipped ones in a shorter time. */
export async function startMonitoring(targets: readonly string[], healthUrl: string): Promise<void> {
  process.once('exit', () => void spawn(tool, ['down'], { env: { ...process.env, MONITORING_DIR: folder } }));
  const settings = { PRODUCT: root, TARGETS: targets.join(' '), HEALTH_URL: healthUrl, MONITORING_DIR: folder };
  await run(tool, ['up'], { timeout: 180_000, env: { ...process.env, ...settings } });
  await hurry('prometheus.yaml', /_interval: 5s/g, '_interval: 1s');
  await hurry('alertmanager.yaml', /group_interval: 5s/, 'group_interval: 1s');
  await writeFile(join(folder, 'rules.yaml'), scaledRules());
  for (const reload of [prometheus, alertmanager]) {
    const { status } = await fetch(`${reload}/-/reload`, { method: 'POST' });
    if (status !== 200) throw new Error(`${reload} does not reload: ${status}`);
  }
}

async function hurry(file: string, was: RegExp, is: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  const hurried = text.replace(was, is);
  if (hurried === text) throw new Error(`${path} has no ${was}`);
  await writeFile(path, hurried);
}

export async function stopMonitoring(): Promise<void> {
  await run(tool, ['down'], { env: { ...process.env, MONITORING_DIR: folder } });
  await rm(folder, { recursive: true, force: true });
}

export interface Serving {
  readonly url: string;
  readonly target: string;
  end(): Promise<void>;
}

const children = new Set<ChildProcess>();

/** Every process that was started, also where its start failed: one that is left keeps the test's own from ending. */
export async function endAll(): Promise<void> {
  await Promise.all([...children].map(ended));
}

async function ended(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
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
    env: { PATH: process.env.PATH, EVENT_TIMEOUT_SECONDS: '12', ...place, ...env },
    stdio: 'ignore',
  });
  children.add(child);
  const target = `127.0.0.1:${port}`;
  const url = `http://${target}`;
  await eventually(
    `the process at ${url}`,
    90_000,
    () => fetch(`${url}/readyz`).then(({ status }) => status, String),
    (reply) => reply === 200,
  );
  return { url, target, end: () => ended(child) };
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

/** An instant query; its samples. */
export async function query(expression: string): Promise<readonly Sample[]> {
  const reply = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { status, error, data } = (await reply.json()) as QueryReply;
  if (status !== 'success') throw new Error(`${expression}: ${error}`);
  return data.result;
}

/** What Alertmanager has sent to its receiver, oldest first. */
export interface Notice {
  readonly status: 'firing' | 'resolved';
  readonly alertname: string;
  readonly suite?: string;
  readonly error?: string;
  readonly description: string;
}

export async function notices(): Promise<readonly Notice[]> {
  const text = await readFile(join(folder, 'alerts.log'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Notice);
}
