/** What a suite declares is what it may do: nothing more is granted, nothing less. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, deployment, namespace, service } from '../../runtime/index.ts';
import { allGrants } from '../../runtime/kube/session/grants.ts';
import { loadSuites } from '../../runtime/run/registry.ts';
import {
  asData,
  keeps,
  keepsObjects,
  kindsOf,
  makes,
  needsApi,
  needsNamespace,
  undeclared,
} from '../../runtime/uses.ts';
import { read } from '../deploy/manifests.ts';
import { grantsOf, textOf } from '../deploy/rbac.ts';

const suites = await loadSuites({ settings: { replicas: 3, dnsQueryName: 'kubernetes.default' } });
const roles = [...read('manifests/roles.yaml'), ...read('manifests/cluster-roles.yaml')];

for (const { name, uses } of suites) {
  if (!needsNamespace(uses)) continue;
  test(`the role of suite ${name} is what it declares`, () => {
    const place = `kube-e2etests-${name.replaceAll('_', '-')}`;
    const granted = grantsOf(roles).filter((grant) => grant.namespace === place);
    const wanted = allGrants(uses)
      .filter(({ scope }) => scope !== 'cluster')
      .flatMap(({ group, resource, verbs, named }) =>
        verbs.map((verb) => ({
          namespace: place,
          resource: `${group}/${resource}`,
          verb,
          name: named ? `kube-e2etests-${place}` : undefined,
        })),
      );
    assert.deepEqual([...new Set(granted.map(textOf))].sort(), [...new Set(wanted.map(textOf))].sort());
  });
}

test('a suite that declares no kind needs neither API nor namespace, and keeps nothing', () => {
  assert.deepEqual([needsApi([]), needsNamespace([]), keepsObjects([]), allGrants([])], [false, false, false, []]);
});

test('a suite whose only kind is of the whole cluster needs the API and no namespace', () => {
  const uses = [makes(namespace)];
  assert.deepEqual([needsApi(uses), needsNamespace(uses), keepsObjects(uses)], [true, false, false]);
});

test('what is not declared is named with what to add', () => {
  const uses = [makes(configMap), keeps(deployment)];
  assert.equal(undeclared(uses, configMap.kind, 'makes'), undefined);
  assert.equal(undeclared(uses, configMap.kind, 'keeps'), 'keeps(configMap)');
  assert.equal(undeclared(uses, service.kind, 'keeps'), 'keeps(service)');
  assert.equal(undeclared(uses, deployment.kind, 'scale'), "keeps(deployment, 'scale')");
  assert.equal(undeclared([keeps(deployment, 'scale')], deployment.kind, 'scale'), undefined);
});

test('a kind that is both made and kept is looked for once, in the order of declaration', () => {
  const uses = [makes(configMap), keeps(deployment), keeps(configMap)];
  assert.deepEqual(
    kindsOf(uses).map(({ kind }) => kind),
    ['ConfigMap', 'Deployment'],
  );
});

test('what a thread says of its suite is data and no functions', () => {
  const data = asData([makes(namespace), keeps(deployment, 'scale')]);
  assert.deepEqual(structuredClone(data), data);
});
