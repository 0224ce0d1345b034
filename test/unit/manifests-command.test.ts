/** kube-e2etests manifests: all that a cluster needs for chosen suites, and nothing for others. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { testSettings } from '../../runtime/config/settings-tests.ts';
import { builtCli } from '../built/index.ts';
import { loadSchemas, noCrds, problemsOf } from '../deploy/crds.ts';
import { build, type Manifest, noKubectl, ofKind, only } from '../deploy/manifests.ts';
import { restrictedViolations } from '../deploy/pod-security.ts';
import { grantsOf, textOf } from '../deploy/rbac.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(words: readonly string[], env: Readonly<Record<string, string>> = {}, cli = 'runtime/cli/cli.ts') {
  return new Promise<Outcome>((resolve) => {
    const all = { PATH: process.env.PATH, ...env };
    execFile(process.execPath, [cli, 'manifests', ...words], { env: all }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

async function manifests(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await command(words, env);
  assert.equal(code, 0, stderr);
  return objects(stdout);
}

function objects(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((one) => one.toJS() as Manifest);
}

function ownFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'suites-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const ownSuite = `import { defaultStorageClass, defineSuite, kindOf, makes } from 'kube-e2etests';
import { words } from './_words.ts';

export default defineSuite({
  description: words,
  uses: [makes(kindOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' }))],
  requires: [defaultStorageClass()],
  steps: ['One'],
  run: (t) => t.step('One', () => {}),
});
`;

const keyOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest) =>
  [apiVersion, kind, namespace, name].join(' ');

/** Without the names that kustomize makes of contents, and what makes pods anew where a name does not. */
function comparable(all: readonly Manifest[]): ReadonlyMap<string, unknown> {
  const text = JSON.stringify(all)
    .replace(/(kube-e2etests(-statsd-mapping)?)-[a-z0-9]{10}"/g, (whole, name) =>
      /-(deployment|statsd-exp)/.test(whole) ? whole : `${name}"`,
    )
    .replace(/,?"kube-e2etests.io\/settings":"[0-9a-f]{16}"/g, '')
    .replaceAll('"annotations":{},', '')
    .replaceAll(',"annotations":{}', '');
  return new Map((JSON.parse(text) as Manifest[]).map((one) => [keyOf(one), one]));
}

for (const [folder, words] of [
  ['manifests', []],
  ['knative', ['--knative']],
] as const) {
  test(`for the suites that are on by default it prints what kubectl makes of ${folder}/`, {
    skip: noKubectl,
  }, async () => {
    const [printed, built] = [comparable(await manifests(words)), comparable(build(folder))];
    assert.deepEqual([...printed.keys()].sort(), [...built.keys()].sort());
    for (const [key, manifest] of printed)
      assert.ok(
        isDeepStrictEqual(manifest, built.get(key)),
        `${key}\n${JSON.stringify(manifest)}\n${JSON.stringify(built.get(key))}`,
      );
  });
}

test('for one suite it prints its namespace, its rights and the process that runs it, and nothing of others', async () => {
  const all = await manifests(['--suites', 'service']);
  assert.deepEqual(
    ofKind(all, 'v1', 'Namespace').map(({ metadata }) => metadata.name),
    ['kube-e2etests', 'kube-e2etests-service'],
  );
  const grants = grantsOf(all).map(textOf);
  assert.ok(grants.includes('kube-e2etests-service create /services'));
  assert.deepEqual(
    grants.filter((grant) => !grant.startsWith('kube-e2etests-service ')),
    ['the cluster list /nodes'],
  );
  assert.equal(only(all, 'ConfigMap', 'kube-e2etests').data.SUITES, 'service');
});

test('dns needs neither rights nor a namespace', async () => {
  const all = await manifests(['--suites', 'dns']);
  assert.deepEqual(grantsOf(all), []);
  assert.equal(ofKind(all, 'v1', 'Namespace').length, 1);
});

test('in another namespace nothing is left of ours', async () => {
  for (const knative of [[], ['--knative']]) {
    const all = await manifests(['--suites', 'http,namespace', '--namespace', 'e2e', ...knative]);
    const places = new Set(all.map(({ metadata }) => metadata.namespace).filter(Boolean));
    assert.deepEqual([...places].sort(), ['e2e', 'e2e-http']);
    for (const { kind, subjects } of all.filter((one) => one.kind.endsWith('Binding')))
      assert.equal(subjects[0].namespace, 'e2e', kind);
    assert.equal(only(all, 'ConfigMap', 'kube-e2etests').data.TEST_NAMESPACE, 'e2e-{suite}');
    // Of the whole cluster there is one of each name: two installations must not share it.
    for (const { metadata } of all.filter(({ kind }) => kind.startsWith('ClusterRole')))
      assert.match(metadata.name, /^e2e-/);
    assert.deepEqual(only(all, 'ClusterRole', 'e2e-namespace-suite').rules[1].resourceNames, ['e2e-namespace']);
    assert.doesNotMatch(JSON.stringify(all), /\.kube-e2etests\.svc/);
  }
});

test('image, replicas and settings of the tests go along; what says where a process runs does not', async () => {
  const env = {
    EVENT_TIMEOUT_SECONDS: '90',
    SCHEDULE_HTTP: '*/5 * * * *',
    SLOW_HTTP: '30',
    MAINTENANCE: '0 2 * * 6 4h',
    PORT: '9',
    KUBECONFIG: '/nowhere',
    RUN_TOKEN: 'abc',
  };
  const all = await manifests(['--suites', 'http', '--image', 'reg.test/e2e@sha256:12', '--replicas', '6'], env);
  const { data } = only(all, 'ConfigMap', 'kube-e2etests');
  assert.deepEqual(data, {
    TEST_NAMESPACE: 'kube-e2etests-{suite}',
    SECONDS_BETWEEN_RUNS: '300',
    SUITES: 'http',
    TEST_REPLICAS: '6',
    EVENT_TIMEOUT_SECONDS: '90',
    SCHEDULE_HTTP: '*/5 * * * *',
    SLOW_HTTP: '30',
    MAINTENANCE: '0 2 * * 6 4h',
  });
  const deployment = only(all, 'Deployment', 'kube-e2etests');
  assert.equal(deployment.spec.template.spec.containers[0].image, 'reg.test/e2e@sha256:12');
  assert.equal(ofKind(all, 'v1', 'ResourceQuota')[0]?.spec.hard.pods, '24');
  const hash = (manifest: Manifest) => manifest.spec.template.metadata.annotations['kube-e2etests.io/settings'];
  const other = await manifests(['--suites', 'http']);
  assert.notEqual(hash(deployment), hash(only(other, 'Deployment', 'kube-e2etests')));
});

test('every setting of what the tests are goes along', async () => {
  const env = Object.fromEntries(
    Object.entries(testSettings)
      .filter(([key]) => key !== 'TEST_NAMESPACE' && key !== 'CREATE_NAMESPACES')
      .map(([key, { example }]) => [key, example]),
  );
  const { data } = only(await manifests(['--suites', 'http'], env), 'ConfigMap', 'kube-e2etests');
  for (const [key, value] of Object.entries(env)) assert.equal(data[key], value, key);
});

test('on Knative a schedule of the environment is that of the PingSource', async () => {
  const all = await manifests(['--suites', 'http,dns', '--knative'], {
    SCHEDULE_HTTP: '*/5 * * * *',
    TZ: 'Europe/Berlin',
  });
  const source = (suite: string) => only(all, 'PingSource', `kube-e2etests-${suite}`).spec;
  assert.deepEqual([source('http').schedule, source('http').timezone], ['*/5 * * * *', 'Europe/Berlin']);
  assert.match(source('dns').schedule, /^\d-59\/10 /);
  assert.equal(only(all, 'ConfigMap', 'kube-e2etests').data.SCHEDULE_HTTP, undefined);
});

test('on Knative what follows from long runs and seldom ticks is set: nothing is ended early, and nothing is called stale', async () => {
  const env = { EVENT_TIMEOUT_SECONDS: '100', SCHEDULE_DNS: '30 * * * *' };
  const all = await manifests(['--suites', 'http,dns', '--knative'], env);
  assert.equal(only(all, 'ConfigMap', 'kube-e2etests').data.TIME_TO_REPORT_PROBLEM, '120');
  const { timeoutSeconds, responseStartTimeoutSeconds, containers } = only(all, 'Service', 'kube-e2etests-http').spec
    .template.spec;
  assert.deepEqual([timeoutSeconds, responseStartTimeoutSeconds], [460, 460]);
  const grace = containers[0].env.find(({ name }: { name: string }) => name === 'SHUTDOWN_GRACE_SECONDS');
  assert.equal(grace.value, '410');
});

test('suites of FUNCTIONS_DIR come with their rights, and with their files where their process looks for them', async (t) => {
  const files = {
    'budget.ts': ownSuite,
    '_words.ts': `export const words = 'off: [ yes ]';\n`,
    'budget.test.ts': '',
    'notes.md': '',
  };
  const FUNCTIONS_DIR = ownFolder(t, files);
  for (const knative of [[], ['--knative']]) {
    const all = await manifests(['--suites', 'budget', ...knative], { FUNCTIONS_DIR });
    const grants = grantsOf(all).map(textOf);
    assert.ok(grants.includes('kube-e2etests-budget create policy/poddisruptionbudgets'));
    assert.ok(grants.includes('the cluster list storage.k8s.io/storageclasses'));
    const { 'budget.ts': suite, '_words.ts': shared, ...rest } = only(all, 'ConfigMap', 'kube-e2etests-suites').data;
    assert.deepEqual([suite, shared, rest], [ownSuite, files['_words.ts'], {}]);
    assert.equal(only(all, 'ConfigMap', 'kube-e2etests').data.FUNCTIONS_DIR, '/suites');
    const ours = all.filter(
      ({ spec }) => spec?.template?.spec.containers[0].envFrom?.[0].configMapRef.name === 'kube-e2etests',
    );
    assert.equal(ours.length, knative.length > 0 ? 2 : 1);
    for (const { spec } of ours) {
      const { containers, volumes } = spec.template.spec;
      assert.deepEqual(containers[0].volumeMounts, [{ name: 'suites', mountPath: '/suites', readOnly: true }]);
      assert.deepEqual(volumes, [{ name: 'suites', configMap: { name: 'kube-e2etests-suites' } }]);
      assert.deepEqual(restrictedViolations(spec.template.spec), []);
    }
  }
});

test('what it prints for Knative fits the CRDs', { skip: noCrds }, async (t) => {
  const FUNCTIONS_DIR = ownFolder(t, { 'budget.ts': ownSuite, '_words.ts': `export const words = 'x';` });
  const schemas = loadSchemas();
  const all = await manifests(['--knative'], { FUNCTIONS_DIR, SCHEDULE: '*/5 * * * *', TZ: 'Europe/Berlin' });
  const custom = all.filter(({ apiVersion }) => apiVersion.includes('knative'));
  assert.ok(custom.length > 20);
  for (const one of custom) assert.deepEqual(problemsOf(schemas, one), [], keyOf(one));
});

test('the bundle prints the same as the sources', async () => {
  const words = ['--suites', 'http', '--knative'];
  const [sources, bundle] = await Promise.all([command(words), command(words, {}, await builtCli())]);
  assert.deepEqual([bundle.code, bundle.stderr], [0, '']);
  assert.equal(bundle.stdout, sources.stdout);
});

test('what cannot be done is said, on stderr, with exit code 2 and nothing on stdout', async (t) => {
  const throwing = ownFolder(t, { 'broken.ts': 'throw new Error("no such luck");' });
  const endless = ownFolder(t, { 'ends.ts': 'process.exit(3);' });
  const cases = [
    [['--suites', 'htpp'], {}, /--suites is "htpp": expected a suite that exists, perhaps http/],
    [['--suites', ','], {}, /--suites names none/],
    [['http', 'dns'], {}, /commas between them: --suites http,dns/],
    [['--namespace', 'My_NS'], {}, /--namespace is "My_NS": write small letters/],
    [['--namespace', 'n'.repeat(50)], {}, /--namespace .*at most 63 characters/],
    [['--image', 'a b'], {}, /--image is "a b": write an image/],
    [['--replicas', 'many'], {}, /--replicas is "many"/],
    [['--json'], {}, /--json does nothing for manifests/],
    [[], { EVENT_TIMEOUT_SECONDS: 'long' }, /EVENT_TIMEOUT_SECONDS is "long"/],
    [['--knative'], { EVENT_TIMEOUT_SECONDS: '150' }, /may take 600 s, and Knative ends a request after 600 s/],
    [['--knative'], { SCHEDULE_DNS: '0 */5 * * * *' }, /SCHEDULE_DNS is .*five fields/],
    [[], { FUNCTIONS_DIR: '/no/such' }, /FUNCTIONS_DIR \/no\/such cannot be read/],
    [[], { FUNCTIONS_DIR: throwing }, /broken\.ts: cannot be loaded: no such luck/],
    [[], { FUNCTIONS_DIR: endless }, /ends its thread while it is loaded/],
  ] as const;
  const outcomes = await Promise.all(cases.map(([words, env]) => command(words, env)));
  for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
    const [words, , says] = cases[index]!;
    assert.deepEqual([code, stdout], [2, ''], `${words.join(' ')} ${stderr}`);
    assert.match(stderr, says);
  }
});
