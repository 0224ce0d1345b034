/** The manifests on the real cluster: applied for a test, and taken away after it. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { build, type Manifest } from './manifests.ts';

const run = promisify(execFile);
const limits = { timeout: 240_000, maxBuffer: 64 * 1024 * 1024 };

/** `kubectl <words>` with `input` on its standard input; its output. Raises with what kubectl said. */
export async function kubectl(words: readonly string[], input?: string): Promise<string> {
  const running = run('kubectl', [...words], limits);
  const { stdin } = running.child;
  // One that needs no input may have ended before: what it has to say of that is its exit.
  stdin?.on('error', () => {});
  if (input === undefined) stdin?.end();
  else stdin?.end(input);
  return (await running).stdout;
}

/** For kubectl's standard input: JSON, since YAML would take an unquoted off for false. */
export function inputOf(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n');
}

/** What pods need before they can be made: everything of manifests/ but the process itself. */
export async function applyGround(manifests: readonly Manifest[] = build('manifests')): Promise<void> {
  const ground = manifests.filter(({ kind }) => !['Deployment', 'PodDisruptionBudget'].includes(kind));
  await waitUntilGone();
  const apply = ['apply', '--server-side', '--field-manager=kube-e2etests-test', '-f', '-'];
  await kubectl(apply, inputOf(ground.filter(({ kind }) => kind === 'Namespace')));
  await kubectl(apply, inputOf(ground.filter(({ kind }) => kind !== 'Namespace')));
}

/** Takes away what suites keep, so that the next test begins as on a new cluster: namespaces with pods take half a minute to go. */
export async function clearKept(): Promise<void> {
  const namespaces = build('manifests').filter(({ kind }) => kind === 'Namespace');
  await Promise.all(
    namespaces.map(async ({ metadata: { name = '' } }) => {
      const ours = ['-n', name, '-l', 'app.kubernetes.io/managed-by=kube-e2etests'];
      await kubectl(['delete', 'deployments,cronjobs,services,configmaps,leases', ...ours]);
      await kubectl(['delete', 'pods', '-n', name, '--all', '--force', '--grace-period=0']);
    }),
  );
  // What a run of suite namespace could not see the end of: the next process takes one so young for that of a run under way.
  await kubectl(['delete', 'namespace', 'kube-e2etests-namespace', '--ignore-not-found', '--timeout=110s']);
}

/** Begins to delete everything of ours, and does not wait. */
export async function clearGround(): Promise<void> {
  const ours = ['-l', 'app.kubernetes.io/part-of=kube-e2etests', '--ignore-not-found', '--wait=false'];
  await kubectl(['delete', 'clusterrolebindings,clusterroles', ...ours]);
  await kubectl(['delete', 'namespaces', ...ours]);
}

/** Namespaces of an earlier test may still be going. */
export async function waitUntilGone(): Promise<void> {
  const going = JSON.parse(
    await kubectl(['get', 'namespaces', '-l', 'app.kubernetes.io/part-of=kube-e2etests', '-o', 'json']),
  );
  const names = going.items.flatMap(({ metadata }: Manifest & { metadata: { deletionTimestamp?: string } }) =>
    metadata.deletionTimestamp ? [`namespace/${metadata.name}`] : [],
  );
  if (names.length > 0) await kubectl(['wait', '--for=delete', '--timeout=110s', ...names]);
}

/** Group versions that the server serves, such as policy/v1. */
export function servedVersions(): ReadonlySet<string> {
  return new Set(execFileSync('kubectl', ['api-versions'], { encoding: 'utf8', ...limits }).split('\n'));
}
