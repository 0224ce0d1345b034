/** The ServiceAccount of the manifests may do all that the product does, and nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Checkup } from '../../../runtime/cli/doctor.ts';
import { managedBy, ourName } from '../../../runtime/kube/kinds/ownership.ts';
import type { RunResult } from '../../../runtime/model/result.ts';
import { build, type Manifest, noKubectl } from '../../deploy/manifests.ts';
import { type Grant, grantsOf, textOf, usedGrants } from '../../deploy/rbac.ts';
import { type ApiRequest, type Recorder, startRecorder } from '../../deploy/requests.ts';
import { applyGround, clearKept, inputOf, kubectl } from '../../deploy/stage.ts';
import { allSuites, openDrive, patience, promptSuites, supportedSuites } from '../drive.ts';
import { type Admin, hurryPods, noCluster, openAdmin } from '../kit.ts';
import { startProduct } from '../process.ts';

const skip = noCluster || noKubectl;

describe('the roles of the manifests', { skip, timeout: 900_000 }, () => {
  const idle = allSuites.filter((suite) => !supportedSuites.includes(suite)).map((suite) => suite.replaceAll('_', '-'));
  const isOfIdle = ({ metadata: { name = '', namespace = '' } }: Manifest) =>
    idle.some((suite) => namespace.endsWith(`-${suite}`) || name === `kube-e2etests-${suite}-suite`);
  const grants = skip ? [] : grantsOf(build('manifests').filter((one) => !isOfIdle(one)));
  let admin: Admin;
  let recorder: Recorder;
  let folder: string;
  let stopHurrying: () => void;
  /** Objects held by a finalizer, let go once somebody waits for their end. */
  const held = new Set<string>();

  before(async () => {
    await applyGround();
    admin = openAdmin();
    stopHurrying = hurryPods(admin, 'kube-e2etests-');
    const cluster = admin.config.getCurrentCluster()!;
    const ca = Buffer.from(cluster.caData ?? '', 'base64');
    recorder = await startRecorder({ server: cluster.server, ca }, letGo);
    folder = mkdtempSync(join(tmpdir(), 'rbac-'));
    writeFileSync(join(folder, 'kubeconfig'), await kubeconfigFor(recorder.url));
  });
  after(async () => {
    recorder?.close();
    for (const key of held) await release(key).catch(() => undefined);
    stopHurrying?.();
    await admin?.close();
    if (folder) rmSync(folder, { recursive: true });
    await clearKept();
  });

  async function drive(eventTimeoutSeconds: number, suites = supportedSuites): Promise<readonly RunResult[]> {
    const env = {
      KUBECONFIG: join(folder, 'kubeconfig'),
      CREATE_NAMESPACES: 'false',
      TEST_NAMESPACE: 'kube-e2etests-{suite}',
    };
    const all = await openDrive({ prefix: 'kube-e2etests', eventTimeoutSeconds, env });
    try {
      return [...(await all.run(...suites)).values()];
    } finally {
      await all.close();
    }
  }

  const letGo = ({ verb, resource, namespace, name }: ApiRequest) => {
    const key = `${resource} ${namespace} ${name}`;
    return verb === 'watch' && held.delete(key) ? release(key) : undefined;
  };

  const denied = () => recorder.requests.filter(({ status }) => status === 401 || status === 403);

  /** All suites; those that lost a request to a pod that this test took away by force go again. */
  async function driveAll(): Promise<readonly RunResult[]> {
    const results = await drive(patience);
    const unlucky = results.filter(({ status }) => status === 'failed').map(({ suite }) => suite);
    const again = unlucky.length > 0 ? await drive(patience, unlucky) : [];
    return results.map((result) => again.find(({ suite }) => suite === result.suite) ?? result);
  }

  test('every suite passes with them', async () => {
    const results = await driveAll();
    assert.deepEqual(results.filter(({ status }) => status !== 'passed').map(summary), []);
    assert.equal(results.length, supportedSuites.length);
  });

  test('doctor finds nothing missing with them, and names what the account lacks elsewhere', async () => {
    const KUBECONFIG = join(folder, 'direct');
    writeFileSync(KUBECONFIG, await kubeconfigFor(admin.config.getCurrentCluster()!.server));
    const doctor = async (...words: string[]) => {
      const env = { KUBECONFIG, CREATE_NAMESPACES: 'false' };
      const product = startProduct(['doctor', '--json', ...words], 'kube-e2etests-{suite}', env);
      await product.ended;
      return JSON.parse(product.output) as readonly Checkup[];
    };
    const all = await doctor();
    assert.deepEqual(
      all.filter(({ state }) => state === 'missing').map(({ suite, reasons }) => [suite, ...reasons]),
      [],
    );
    assert.equal(all.filter(({ state }) => state === 'ready').length, supportedSuites.length);
    assert.equal(all.length, allSuites.length);
    const [elsewhere] = await doctor('deployment', '--namespace', 'kube-system');
    assert.equal(elsewhere?.state, 'missing');
    assert.match(elsewhere?.reasons.join() ?? '', /may not .*create.* deployments\.apps/);
  });

  test('every suite takes over from a dead run, and what that left is removed', async () => {
    await kubectl(['apply', '-f', '-'], inputOf([...deadLocks(), ...leftovers()]));
    for (const { apiVersion, kind, metadata } of leftovers())
      held.add(
        `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind.toLowerCase()}s ${metadata.namespace} ${metadata.name}`,
      );
    held.delete('/namespaces undefined kube-e2etests-namespace');
    const results = await drive(patience);
    assert.deepEqual(results.filter(({ status }) => status !== 'passed').map(summary), []);
    const recovered = results.flatMap((result) => result.recovered.map(({ kind }) => `${result.suite} ${kind}`));
    assert.deepEqual(recovered.sort(), [
      'config_update configmap',
      'config_update deployment',
      'daemonset daemonset',
      'deployment configmap',
      'deployment deployment',
      'disruption_budget poddisruptionbudget',
      ...(isNotIdle('dual-stack') ? ['dual_stack service'] : []),
      'namespace namespace',
      'node_port service',
      'service service',
      'statefulset statefulset',
      'volume persistentvolumeclaim',
    ]);
  });

  function unusedGrants(): typeof grants {
    const used = usedGrants(grants, recorder.requests);
    // A cluster serves endpoints in one of two ways: the other grant waits for the other version.
    const twin = (grant: Grant) => textOf({ ...grant, ...(isOfEndpoints(grant) && { resource: 'endpoints' }) });
    const usedTexts = new Set([...used].map(twin));
    return grants.filter((grant) => !usedTexts.has(twin(grant)) && !isOfGrowth(grant));
  }

  test('what a failing run asks for is granted as well', async () => {
    recorder.breakNodes();
    recorder.breakApis();
    recorder.hide('/pods');
    const results = [...(await drive(25))];
    recorder.hide('/endpoints', 'discovery.k8s.io/endpointslices');
    // On a busy machine the time of one such run may not be enough for all its questions.
    for (const seconds of [3, 6, 12]) {
      results.push(...(await drive(seconds, promptSuites)));
      if (!unusedGrants().some(isOfEndpoints)) break;
    }
    recorder.hide();
    await standAll();
    // Pods that nobody takes away are there to be asked about when the time is over.
    stopHurrying();
    for (const seconds of [0.4, 0.8, 1.2, 2.4, 5]) {
      results.push(...(await drive(seconds, seconds < 1 ? supportedSuites : promptSuites)));
      if (unusedGrants().length === 0) break;
    }
    stopHurrying = hurryPods(admin, 'kube-e2etests-');
    const failed = new Set(results.filter(({ status }) => status === 'failed').map(({ suite }) => suite));
    for (const suite of supportedSuites.filter((name) => name !== 'dns' && name !== 'namespace'))
      assert.ok(failed.has(suite), suite);
    assert.deepEqual(results.filter(({ status }) => status === 'errored').map(summary), []);
  });

  test('nothing was denied', () => {
    assert.ok(recorder.requests.length > 200, `${recorder.requests.length} requests`);
    assert.deepEqual(denied(), []);
  });

  test('no grant was left unused', () => {
    assert.deepEqual(unusedGrants().map(textOf), []);
    assert.ok(grants.length > 100, `${grants.length} grants`);
  });

  test('the API server says the same of each grant, and no to what is not granted', async () => {
    const who = '--as=system:serviceaccount:kube-e2etests:kube-e2etests';
    const may = (...words: string[]) =>
      kubectl(['auth', 'can-i', ...words, who]).then(
        (text) => text.trim(),
        () => 'no',
      );
    assert.equal(await may('create', 'namespaces'), 'yes');
    assert.equal(await may('delete', 'namespaces/kube-e2etests-namespace'), 'yes');
    for (const words of [
      ['delete', 'namespaces/kube-system'],
      ['get', 'secrets', '-n', 'kube-e2etests-http'],
      ['create', 'pods', '-n', 'kube-e2etests-http'],
      ['delete', 'deployments', '-n', 'kube-e2etests-http'],
      ['create', 'deployments', '-n', 'kube-e2etests-service'],
      ['create', 'configmaps', '-n', 'kube-system'],
    ])
      assert.equal(await may(...words), 'no', words.join(' '));
  });
});

function isOfEndpoints({ resource }: Grant): boolean {
  return /\/(endpoints|endpointslices)$/.test(resource);
}

/** Volumes of the test cluster cannot grow: the suite asks for nothing then. */
function isOfGrowth({ resource, verb }: Grant): boolean {
  return verb === 'patch' && resource.endsWith('/persistentvolumeclaims');
}

/** Every deployment that suites keep has its pods, whatever a run that failed left of it. */
async function standAll(): Promise<void> {
  const all = await kubectl(['get', 'deployments', '-A', '-l', `${managedBy}=${ourName}`, '-o', 'json']);
  const ours = (JSON.parse(all).items as readonly Manifest[])
    .map(({ metadata: { name = '', namespace = '' } }) => [`deployment/${name}`, '-n', namespace])
    .filter(([, , namespace]) => namespace?.startsWith('kube-e2etests-'));
  await Promise.all(
    ours.map(async (place) => {
      await kubectl(['scale', ...place, '--replicas=3']);
      await kubectl(['rollout', 'status', ...place, '--timeout=120s']);
    }),
  );
}

/** Takes the finalizers off "/configmaps namespace name". */
async function release(key: string): Promise<void> {
  const [resource = '', namespace = '', name = ''] = key.split(' ');
  const kind = resource.split('/')[1] ?? '';
  await kubectl(['patch', kind, name, '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
}

async function kubeconfigFor(server: string): Promise<string> {
  const token = (await kubectl(['create', 'token', 'kube-e2etests', '-n', 'kube-e2etests', '--duration=1h'])).trim();
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'recorded', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'account', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'recorded', user: 'account', namespace: 'kube-e2etests' } }],
    'current-context': 'it',
  });
}

/** A run that ended without cleaning up lets go of its lock and leaves it there. */
function deadLocks(): readonly Manifest[] {
  const places = build('manifests')
    .filter(({ kind }) => kind === 'Role')
    .map(({ metadata, rules }) => ({ namespace: metadata.namespace, name: rules[1].resourceNames[0] as string }));
  return places.map((metadata) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...metadata, labels: { 'app.kubernetes.io/managed-by': 'kube-e2etests' } },
    spec: { holderIdentity: '', leaseDurationSeconds: 30 },
  }));
}

/** What a dead run left, held by finalizers so that its end is waited for. */
const isNotIdle = (suite: string) => supportedSuites.includes(suite.replaceAll('-', '_'));

function leftovers(): readonly Manifest[] {
  const labels = { 'app.kubernetes.io/managed-by': 'kube-e2etests', 'kube-e2etests.io/run': 'dead' };
  const metadata = (suite: string) => ({
    name: 'leftover',
    namespace: `kube-e2etests-${suite}`,
    labels,
    finalizers: ['kube-e2etests.io/hold'],
  });
  const pod = {
    metadata: { labels: { app: 'leftover' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1.28-alpine' }] },
  };
  return [
    ...['deployment', 'config-update'].flatMap((suite) => [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(suite) },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: metadata(suite),
        spec: { replicas: 0, selector: { matchLabels: { app: 'leftover' } }, template: pod },
      },
    ]),
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metadata('daemonset'),
      spec: {
        selector: { matchLabels: { app: 'leftover' } },
        // On no node.
        template: { ...pod, spec: { ...pod.spec, nodeSelector: { 'kubernetes.io/hostname': 'none' } } },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata('statefulset'),
      spec: { replicas: 0, serviceName: 'none', selector: { matchLabels: { app: 'leftover' } }, template: pod },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata('disruption-budget'),
      spec: { minAvailable: 0, selector: { matchLabels: { app: 'leftover' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: metadata('volume'),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    ...['service', 'node-port', 'dual-stack'].filter(isNotIdle).map((suite) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(suite),
      spec: { ports: [{ port: 80, protocol: 'TCP' }] },
    })),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-e2etests-namespace', labels } },
  ];
}

function summary({ suite, status, steps }: RunResult): string {
  const findings = steps.flatMap((step) =>
    step.findings.map(({ code, message }) => `${step.name}: ${code} ${message}`),
  );
  return `${suite} ${status}: ${findings.join('; ')}`;
}
