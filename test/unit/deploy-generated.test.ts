/** What is generated of the manifests follows from what suites declare, and the files are what would be generated now. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import {
  configMap,
  defaultStorageClass,
  deployment,
  job,
  keeps,
  kindOf,
  makes,
  schedulableNodes,
} from '../../runtime/index.ts';
import { generatedFiles } from '../../runtime/manifests/folders.ts';
import type { KubeManifest } from '../../runtime/manifests/manifest.ts';
import { render } from '../../runtime/manifests/render.ts';
import { knativeService, spread } from '../../runtime/manifests/suite-knative.ts';
import { namespaceManifests } from '../../runtime/manifests/suite-namespace.ts';
import { clusterRoles, roles } from '../../runtime/manifests/suite-rights.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import type { Kind } from '../../runtime/model/use.ts';
import { loadSuites } from '../../runtime/run/registry.ts';
import { root } from '../deploy/manifests.ts';
import { grantsOf, textOf } from '../deploy/rbac.ts';

const suites = await loadSuites({ settings: { replicas: 3, dnsQueryName: 'kubernetes.default' }, group: 'all' });
const files = generatedFiles(suites);

function aSuite(changes: Partial<Suite>): Suite {
  return { name: 'any_suite', description: 'Any', steps: ['One'], uses: [], run: async () => {}, ...changes };
}
const grantsFor = (suite: Suite) => grantsOf([...roles([suite], 'home'), ...clusterRoles([suite], 'home')]).map(textOf);

for (const [path, text] of files) {
  test(`${path} is what the suites declare`, () => {
    const file = join(root, path);
    assert.ok(existsSync(file), `${path} is missing: run npm run manifests`);
    // The whole difference would hide what to do.
    assert.ok(readFileSync(file, 'utf8') === text, `${path} is not what the suites declare: run npm run manifests`);
  });
}

test('no component of a suite that is no more is left', () => {
  const folders = readdirSync(join(root, 'manifests/components')).filter((name) => name.startsWith('suite-'));
  const stale = folders.filter((name) => !files.has(`manifests/components/${name}/kustomization.yaml`));
  assert.deepEqual(stale, [], 'run npm run manifests');
});

test('what a requirement asks is granted, in the whole cluster, and nothing else is', () => {
  const suite = aSuite({ requires: [defaultStorageClass(), schedulableNodes(2)] });
  assert.deepEqual(grantsFor(suite), ['the cluster list /nodes', 'the cluster list storage.k8s.io/storageclasses']);
  const [role] = clusterRoles([suite], 'home').filter(({ metadata }) => metadata.name === 'home-any-suite-suite');
  assert.equal(role?.kind, 'ClusterRole');
});

test('the questions of our requirements are those that they carry rights for', async () => {
  for (const requirement of [defaultStorageClass(), schedulableNodes(1)]) {
    const asked: string[] = [];
    const list = async ({ apiVersion, plural }: { apiVersion: string; plural: string }) => {
      asked.push(`${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${plural}`);
      return [];
    };
    await requirement.unmet({ list, serves: async () => false });
    const granted = requirement.grants?.map(({ group, resource, verbs }) => `${group}/${resource} ${verbs}`);
    assert.deepEqual(
      granted,
      asked.map((one) => `${one} list`),
      requirement.name,
    );
  }
});

test('a suite that speaks to no API has no rights, and no namespace', () => {
  assert.deepEqual(grantsFor(aSuite({})), []);
  assert.deepEqual(namespaceManifests(aSuite({}), 'home'), []);
});

test('a kind of the whole cluster is granted in the cluster, and the lock lies where the process is at home', () => {
  const kind = kindOf({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    plural: 'runtimeclasses',
    scope: 'cluster',
  });
  const suite = aSuite({ uses: [makes(kind)] });
  const grants = grantsFor(suite);
  assert.ok(grants.includes('the cluster create node.k8s.io/runtimeclasses'));
  assert.ok(grants.includes('home update coordination.k8s.io/leases/kube-e2etests-home-any-suite'));
  assert.ok(!grants.some((grant) => grant.startsWith('home-any-suite')));
});

test('a kind that says nothing of the scope of its grants has its own scope, and one name that only it knows is left open', () => {
  const kind = {
    ...{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', plural: 'runtimeclasses', scope: 'cluster', quota: {} },
    grants: { makes: [{ group: 'node.k8s.io', resource: 'runtimeclasses', verbs: ['create', 'delete'], named: true }] },
  } as const satisfies Kind;
  const grants = grantsFor(aSuite({ uses: [makes(kind)] }));
  assert.ok(grants.includes('the cluster delete node.k8s.io/runtimeclasses'), grants.join('\n'));
});

test('a quota is the sum of what the kinds take, nothing else can be made, and pods grow with the replicas', () => {
  const suite = aSuite({ uses: [keeps(configMap), keeps(deployment), makes(job)] });
  const hard = (replicas?: number) =>
    namespaceManifests(suite, 'home', replicas).find(({ kind }) => kind === 'ResourceQuota')?.spec.hard;
  const { pods, services, ...rest } = hard();
  assert.deepEqual(
    [
      pods,
      services,
      rest['count/jobs.batch'],
      rest['count/deployments.apps'],
      rest['requests.cpu'],
      rest['limits.memory'],
    ],
    ['24', '0', '12', '10', '240m', '1536Mi'],
  );
  assert.deepEqual([hard(6).pods, hard(6)['limits.cpu'], hard(6)['count/jobs.batch']], ['48', '9600m', '12']);
  assert.deepEqual([hard(1).pods, hard(4).pods], ['24', '32']);
});

test('a suite that is off until it is named is in no default manifest, and has a component that names it', () => {
  const seldom = aSuite({ name: 'seldom_run', byDefault: false, uses: [makes(configMap)] });
  const made = generatedFiles([...suites, seldom]);
  const folder = 'manifests/components/suite-seldom-run';
  for (const [path, text] of made) if (!path.startsWith(folder)) assert.doesNotMatch(text, /seldom/, path);
  const { kind, resources, configMapGenerator } = parse(made.get(`${folder}/kustomization.yaml`) ?? '');
  assert.deepEqual([kind, resources], ['Component', ['suite.yaml']]);
  assert.deepEqual(configMapGenerator[0].literals, ['SUITES=default,seldom_run']);
  const objects = parseAllDocuments(made.get(`${folder}/suite.yaml`) ?? '').map((one) => one.toJS() as KubeManifest);
  assert.deepEqual(
    objects.map(({ kind: one }) => one),
    ['Namespace', 'ResourceQuota', 'LimitRange', 'Role', 'RoleBinding'],
  );
});

test('on Knative a suite that nobody named is unsupported where the cluster does not offer what it requires', () => {
  const env = (suite: Suite, isNamed?: boolean) =>
    knativeService(suite, 'home', { isNamed }).spec.template.spec.containers[0].env.map(
      ({ name, value }: { name: string; value: string }) => `${name}=${value}`,
    );
  const suite = aSuite({ requires: [defaultStorageClass()] });
  assert.deepEqual(env(suite), ['SUITES=any_suite', 'REQUIREMENTS=optional']);
  assert.deepEqual(env(suite, true), ['SUITES=any_suite']);
  assert.deepEqual(env({ ...suite, byDefault: false }), ['SUITES=any_suite']);
  assert.deepEqual(env(aSuite({})), ['SUITES=any_suite']);
});

test('minutes follow from the names: each has one before any has two, and the order of the suites does not matter', () => {
  const names = Array.from({ length: 25 }, (_, index) => `suite_${index}`);
  const counts = Map.groupBy(spread(names).values(), (minute) => minute);
  assert.deepEqual([...counts.values()].map(({ length }) => length).sort(), [2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  assert.deepEqual([...spread(names.toReversed())].sort(), [...spread(names)].sort());
  assert.equal(new Set(spread(names.slice(0, 10)).values()).size, 10);
});

test('text that kubectl would read as a boolean or a number stays text', () => {
  const data = { a: 'off', b: 'yes', c: '12', d: '1:30', e: '0-59/10 * * * *', f: 'x: y' };
  const text = render([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }]);
  assert.deepEqual(parse(text, { version: '1.1' }).data, data);
  assert.match(text, /a: "off"/);
});
