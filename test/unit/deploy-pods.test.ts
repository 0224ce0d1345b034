/** The pods of our manifests, and the test pods, under strict policies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentManifest } from '../../runtime/kube/kinds/deployment-manifest.ts';
import type { TestObjects } from '../../runtime/kube/kinds/test-objects.ts';
import { build, everything, kustomizations, noKubectl, ofKind, podTemplate, read } from '../deploy/manifests.ts';
import { restrictedViolations } from '../deploy/pod-security.ts';

const skip = noKubectl;

function testPod(podSecurity: TestObjects['podSecurity']) {
  const objects: TestObjects = {
    deployment: 'kubee2etestapp',
    service: 'kubee2etests',
    replicas: 3,
    antiAffinityKey: 'topology.kubernetes.io/zone',
    registry: '',
    deploymentLabels: {},
    templateLabels: {},
    imagePullSecrets: [],
    podSecurity,
    clusterDomain: 'cluster.local',
  };
  return deploymentManifest(objects, 'kube-e2etests-http', { image: 'first', replicas: 3 }).spec!.template.spec!;
}

test('every pod of the manifests is admitted under Pod Security restricted', { skip }, () => {
  const templates = everything().filter(({ manifest }) => podTemplate(manifest));
  assert.ok(templates.length >= 7 + 11, `${templates.length} pod templates`);
  for (const { from, manifest } of templates)
    assert.deepEqual(
      restrictedViolations(podTemplate(manifest).spec),
      [],
      `${from} ${manifest.kind}/${manifest.metadata.name}`,
    );
});

test('test pods are admitted under restricted when TEST_POD_SECURITY asks for it', () => {
  assert.deepEqual(restrictedViolations(testPod('restricted')), []);
});

test('the rules of restricted find what a stock pod gets wrong', () => {
  assert.deepEqual(restrictedViolations(testPod('baseline')), [
    'nginx: allowPrivilegeEscalation',
    'nginx: capabilities.drop',
    'nginx: runAsNonRoot',
    'nginx: seccompProfile',
  ]);
  const root = { ...testPod('restricted'), hostNetwork: true, volumes: [{ name: 'var', hostPath: { path: '/var' } }] };
  assert.deepEqual(restrictedViolations(root), ['hostNetwork', 'volume var']);
});

test('every container has a numeric user, a read-only root filesystem, requests and a memory limit', { skip }, () => {
  for (const { from, manifest } of everything().filter(({ manifest }) => podTemplate(manifest))) {
    const { spec } = podTemplate(manifest);
    for (const container of spec.containers) {
      const where = `${from} ${manifest.metadata.name} ${container.name ?? ''}`;
      const { resources, securityContext } = container;
      assert.equal(securityContext.readOnlyRootFilesystem, true, where);
      assert.ok((securityContext.runAsUser ?? spec.securityContext?.runAsUser) >= 1000, where);
      assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory, where);
    }
  }
});

test('every long-running container is probed', { skip }, () => {
  for (const { from, manifest } of everything().filter(({ manifest }) => manifest.kind === 'Deployment')) {
    for (const container of podTemplate(manifest).spec.containers) {
      assert.ok(container.readinessProbe, `${from} ${container.name}`);
      if (container.name !== 'kube-e2etests') continue;
      assert.equal(container.livenessProbe.httpGet.path, '/livez');
      assert.equal(container.readinessProbe.httpGet.path, '/readyz');
    }
  }
});

test('the restricted overlay enforces what it says on every namespace, and asks for such test pods', { skip }, () => {
  const manifests = build('overlays/restricted');
  const namespaces = ofKind(manifests, 'v1', 'Namespace');
  assert.equal(namespaces.length, ofKind(read('manifests/namespaces.yaml'), 'v1', 'Namespace').length);
  for (const { metadata } of namespaces)
    assert.equal(metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted', metadata.name);
  const [settings] = ofKind(manifests, 'v1', 'ConfigMap');
  assert.equal(settings?.data.TEST_POD_SECURITY, 'restricted');
});

test('the quota of a test namespace has room for three generations of pods', { skip }, () => {
  const { resources } = testPod('baseline').containers[0]!;
  const [replicas, generations] = [3, 3];
  const namespaces = build('manifests');
  for (const { metadata, spec } of ofKind(namespaces, 'v1', 'ResourceQuota')) {
    if (spec.hard.pods === '0') continue;
    const pods = replicas * generations;
    assert.ok(Number(spec.hard.pods) >= pods, metadata.namespace);
    for (const side of ['requests', 'limits'] as const) {
      assert.ok(milli(spec.hard[`${side}.cpu`]) >= pods * milli(resources![side]!.cpu!), metadata.namespace);
      assert.ok(mebi(spec.hard[`${side}.memory`]) >= pods * mebi(resources![side]!.memory!), metadata.namespace);
    }
  }
});

test('a container without resources of its own gets what fits the quota', { skip }, () => {
  const { resources } = testPod('baseline').containers[0]!;
  for (const { spec } of ofKind(build('manifests'), 'v1', 'LimitRange')) {
    const [limit] = spec.limits;
    assert.deepEqual([limit.defaultRequest, limit.default], [resources!.requests, resources!.limits]);
  }
});

test('no secret value is in a manifest', { skip }, () => {
  for (const folder of kustomizations) assert.deepEqual(ofKind(build(folder), 'v1', 'Secret'), []);
});

function milli(cpu: string): number {
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}

function mebi(memory: string): number {
  assert.match(memory, /^\d+Mi$/);
  return Number.parseInt(memory, 10);
}
