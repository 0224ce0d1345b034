/**
 * Each suite against a shell script around kubectl that does the same on the same manifests, in pairs whose order alternates.
 *
 *     KUBECONFIG=… node bench/kubectl.ts [--pairs 3] [--slow-kubelet] [suite…]
 *
 * A kubelet before 1.22 takes 8 to 90 s to report a pod gone, which would drown what is compared: unless --slow-kubelet is
 * given, pods that are being deleted are taken off the API at once, for both sides.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { configMapManifest } from '../runtime/kube/kinds/configmap.ts';
import { deploymentManifest } from '../runtime/kube/kinds/deployment-manifest.ts';
import { serviceManifest } from '../runtime/kube/kinds/service.ts';
import type { RunResult } from '../runtime/model/result.ts';
import { testObjects } from '../runtime/process/connect.ts';
import { type Drive, keepsItsObjects, openDrive, supportedSuites } from '../test/cluster/drive.ts';
import { hurryPods, namespacesSettled, openAdmin, removeNamespaces } from '../test/cluster/kit.ts';
import { assertPassed } from '../test/cluster/say.ts';
import { median } from './measure.ts';

const run = promisify(execFile);
const prefix = 'bench';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: 'string', default: '3' }, 'slow-kubelet': { type: 'boolean', default: false } },
});
const pairs = Number(values.pairs);
// kubectl asks no DNS server: dns has no pair.
const suites = positionals.length > 0 ? positionals : supportedSuites.filter((name) => name !== 'dns');

interface Sample {
  readonly wallMs: number;
  /** Spent in steps that wait for the cluster to do what was asked of it. */
  readonly waitedMs: number;
  /** Processor time of this process. */
  readonly cpuMs: number;
}

const admin = openAdmin();
await namespacesSettled(admin, prefix);
const drive = await openDrive({ prefix });
const slowDown = values['slow-kubelet'] ? () => {} : hurryPods(admin, prefix);
const folder = mkdtempSync(join(tmpdir(), 'bench-kubectl-'));
try {
  console.log(
    `| suite | ours, s | kubectl, s | ratio | waiting on the cluster, s | our CPU, ms |\n|---|---|---|---|---|---|`,
  );
  for (const suite of suites) console.log(await compare(suite));
} finally {
  slowDown();
  await drive.close();
  await removeNamespaces(admin, prefix);
  await admin.close();
  rmSync(folder, { recursive: true });
}

async function compare(suite: string): Promise<string> {
  const namespace = `${prefix}-kubectl-${suite.replaceAll('_', '-')}`;
  const standing = keepsItsObjects(suite);
  if (suite !== 'namespace')
    await admin.core.createNamespace({ body: { metadata: { name: namespace } } }).catch(() => {});
  writeManifests(namespace);
  if (standing) await Promise.all([drive.stand(suite), script('deployment_service', namespace)]);
  const ours: Sample[] = [];
  const theirs: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const sides = [
      async () => ours.push(await sample(drive, suite)),
      async () => theirs.push(await script(suite, namespace)),
    ];
    for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side();
  }
  const wall = median(ours.map(({ wallMs }) => wallMs));
  const kubectl = median(theirs);
  const waited = median(ours.map(({ waitedMs }) => waitedMs));
  const cpu = median(ours.map(({ cpuMs }) => cpuMs));
  const cells = [suite, s(wall), s(kubectl), (wall / kubectl).toFixed(2), s(waited), cpu.toFixed(0)];
  return `| ${cells.join(' | ')} |`;
}

/** From the trigger to the last byte of clean-up, lock included. */
async function sample(drive: Drive, suite: string): Promise<Sample> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await drive.runOne(drive.suite(suite));
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  assertPassed([result]);
  return { wallMs, waitedMs: waitedMs(result), cpuMs: (user + system) / 1000 };
}

function waitedMs({ steps }: RunResult): number {
  const waits = /^(Wait|Watch|Check .*(deleted|gone)|Put back|Ensure Deployment|Read service endpoints)/;
  return steps.filter(({ name }) => waits.test(name)).reduce((sum, { durationMs }) => sum + durationMs, 0);
}

async function script(suite: string, namespace: string): Promise<number> {
  const began = performance.now();
  await run('bash', [join(import.meta.dirname, 'kubectl', `${suite}.sh`)], {
    env: {
      ...process.env,
      NAMESPACE: namespace,
      MANIFESTS: folder,
      KUBECTL: kubectl(),
      REPLICAS: String(drive.config.replicas),
    },
  });
  return performance.now() - began;
}

function writeManifests(namespace: string): void {
  const { config } = drive;
  const { replicas } = config;
  const objects = testObjects(config);
  const page = 'kube-e2etests: this page came with an update\n';
  const manifests = {
    configmap: configMapManifest(objects, namespace, {}),
    'configmap-second': configMapManifest(objects, namespace, { page }),
    deployment: deploymentManifest(objects, namespace, { image: 'first', replicas }),
    'deployment-second': deploymentManifest(objects, namespace, { image: 'second', revision: 'second', replicas }),
    service: serviceManifest(objects, namespace),
  };
  for (const [name, manifest] of Object.entries(manifests))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(manifest));
}

/** KUBECTL, else the test cluster's own, else the one on the PATH. */
function kubectl(): string {
  if (process.env.KUBECTL) return process.env.KUBECTL;
  try {
    return readFileSync(join(dirname(process.env.KUBECONFIG ?? ''), 'kubectl'), 'utf8').trim();
  } catch {
    return 'kubectl';
  }
}

function s(ms: number): string {
  return (ms / 1000).toFixed(2);
}
