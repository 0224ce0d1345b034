import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMapManifest, standardPage } from '../../runtime/kube/kinds/configmap.ts';
import { deploymentManifest } from '../../runtime/kube/kinds/deployment-manifest.ts';
import { isOurs, runOf } from '../../runtime/kube/kinds/ownership.ts';
import { podTemplate } from '../../runtime/kube/kinds/pod-template.ts';
import { serviceManifest } from '../../runtime/kube/kinds/service.ts';
import { imageOf, podPort, type TestObjects } from '../../runtime/kube/kinds/test-objects.ts';

const objects: TestObjects = {
  deployment: 'app',
  service: 'web',
  replicas: 3,
  antiAffinityKey: 'topology.kubernetes.io/zone',
  registry: '',
  deploymentLabels: { team: 'a' },
  templateLabels: { team: 'b' },
  imagePullSecrets: ['pull'],
  podSecurity: 'baseline',
  clusterDomain: 'cluster.local',
};
const wish = { image: 'first', replicas: 3 } as const;
const deployment = deploymentManifest(objects, 'tests', wish, 'r1');
const template = deployment.spec?.template;
const fits = (selector: Record<string, string> = {}, labels: Record<string, string> = {}) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

test('anti-affinity is required, on the key of the settings, and selects the pods themselves', () => {
  const [term] = template?.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.equal(term?.topologyKey, 'topology.kubernetes.io/zone');
  const selector = term?.labelSelector?.matchLabels ?? {};
  assert.ok(Object.keys(selector).length > 0);
  assert.ok(fits(selector, template?.metadata?.labels));
});

test('the pods of one run are selected by no other run', () => {
  const other = deploymentManifest(objects, 'tests', wish, 'r2').spec?.template.metadata?.labels;
  assert.equal(fits(deployment.spec?.selector.matchLabels, other), false);
  assert.equal(fits(serviceManifest(objects, 'tests', {}, 'r1').spec?.selector, other), false);
});

test('an update replaces pods without a surge', () => {
  assert.equal(deployment.spec?.strategy?.type, 'RollingUpdate');
  assert.equal(deployment.spec?.strategy?.rollingUpdate?.maxSurge, 0);
});

test('an update changes the image, not just a name', () => {
  const image = (choice: 'first' | 'second') =>
    deploymentManifest(objects, 'tests', { ...wish, image: choice }).spec?.template.spec?.containers[0]?.image;
  assert.notEqual(image('first'), image('second'));
  assert.equal(image('second'), imageOf(objects, 'second'));
});

test('another revision makes new pods of the same image', () => {
  const of = (revision: string) => deploymentManifest(objects, 'tests', { ...wish, revision }).spec?.template;
  assert.notDeepEqual(of('r1'), of('r2'));
  assert.deepEqual(of('r1')?.spec, of('r2')?.spec);
});

test('the registry comes before every image', () => {
  assert.equal(
    imageOf({ ...objects, registry: 'registry.example:5000/mirror' }, 'first'),
    'registry.example:5000/mirror/nginx:1.28-alpine',
  );
});

test('what a run deletes again carries its id, what stays does not', () => {
  assert.equal(runOf(deployment), 'r1');
  const kept = deploymentManifest(objects, 'tests', wish);
  assert.ok(isOurs(kept));
  assert.equal(runOf(kept), undefined);
});

test('labels of the settings are added and cannot take over ours', () => {
  const stolen = { app: 'theirs', 'app.kubernetes.io/managed-by': 'theirs' };
  const { metadata, spec } = deploymentManifest(
    { ...objects, deploymentLabels: stolen, templateLabels: stolen },
    'tests',
    wish,
  );
  assert.ok(isOurs({ metadata }));
  assert.ok(fits(spec?.selector.matchLabels, spec?.template.metadata?.labels));
  assert.equal(deployment.metadata?.labels?.team, 'a');
  assert.equal(template?.metadata?.labels?.team, 'b');
});

test('pods serve the page of the ConfigMap and log every request but the probe', () => {
  const { data } = configMapManifest(objects, 'tests', standardPage);
  assert.equal(data?.['index.html'], standardPage);
  assert.match(data?.['nginx.conf'] ?? '', /access_log \/dev\/stdout combined;/);
  assert.match(data?.['nginx.conf'] ?? '', new RegExp(`listen ${podPort};`));
});

test('restricted pods ask for nothing that Pod Security forbids', () => {
  const { spec } = deploymentManifest({ ...objects, podSecurity: 'restricted' }, 'tests', wish).spec?.template ?? {};
  const [container] = spec?.containers ?? [];
  assert.equal(spec?.securityContext?.runAsNonRoot, true);
  assert.equal(spec?.securityContext?.seccompProfile?.type, 'RuntimeDefault');
  assert.equal(container?.securityContext?.allowPrivilegeEscalation, false);
  assert.deepEqual(container?.securityContext?.capabilities?.drop, ['ALL']);
});

test('restricted pods with a claim have a group that may write into its volume, and others none', () => {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const groupOf = (podSecurity: 'restricted' | 'baseline', spec: object) =>
    podTemplate({ ...objects, podSecurity }, { labels: {}, spec: { containers: [], ...spec } }).spec?.securityContext
      ?.fsGroup;
  assert.equal(groupOf('restricted', { volumes }), 101);
  assert.equal(groupOf('restricted', { volumes: [{ name: 'v', emptyDir: {} }] }), undefined);
  assert.equal(groupOf('baseline', { volumes }), undefined);
});

test('every container has requests and limits, for namespaces with a quota', () => {
  for (const { resources } of template?.spec?.containers ?? []) {
    assert.ok(
      resources?.requests?.cpu && resources.requests.memory && resources.limits?.cpu && resources.limits.memory,
    );
  }
});
