/** Nobody adds a suite, a setting or a version and forgets the manifests. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { namespaceOf, settings } from '../../runtime/config/config.ts';
import { loadSuites } from '../../runtime/run/registry.ts';
import { needsNamespace } from '../../runtime/uses.ts';
import {
  build,
  combine,
  everything,
  kustomizations,
  type Manifest,
  noKubectl,
  ofKind,
  only,
  overlays,
  podTemplate,
  read,
  root,
} from '../deploy/manifests.ts';

const skip = noKubectl;
const suites = await loadSuites({ settings: { replicas: 3, dnsQueryName: 'kubernetes.default' } });
const manifests = () => build('manifests');
const config = () => ofKind(manifests(), 'v1', 'ConfigMap')[0]!.data as Record<string, string>;
const namespace = (suite: string) => namespaceOf({ testNamespace: config().TEST_NAMESPACE! }, suite, suites.length);
const dashed = (suite: string) => suite.replaceAll('_', '-');
const sorted = (names: readonly (string | undefined)[]) => [...names].sort();

const inNamespaces = suites.filter(({ uses }) => needsNamespace(uses)).map(({ name }) => name);

test('every suite that needs a namespace has one, with quota, limits, role and binding, and there are no others', {
  skip,
}, () => {
  const wanted = sorted(inNamespaces.map(namespace));
  for (const kind of ['ResourceQuota', 'LimitRange'])
    assert.deepEqual(
      sorted(
        manifests()
          .filter((one) => one.kind === kind)
          .map(({ metadata }) => metadata.namespace),
      ),
      wanted,
      kind,
    );
  const withProcess = sorted([...wanted, 'kube-e2etests']);
  assert.deepEqual(sorted(ofKind(manifests(), 'v1', 'Namespace').map(({ metadata }) => metadata.name)), withProcess);
  for (const kind of ['Role', 'RoleBinding'])
    assert.deepEqual(
      sorted(
        manifests()
          .filter((one) => one.kind === kind)
          .map(({ metadata }) => metadata.namespace),
      ),
      withProcess,
      kind,
    );
});

test('manifests/namespaces.yaml alone makes every namespace of the tests', () => {
  const names = ofKind(read('manifests/namespaces.yaml'), 'v1', 'Namespace').map(({ metadata }) => metadata.name);
  for (const suite of inNamespaces) assert.ok(names.includes(`kube-e2etests-${dashed(suite)}`), suite);
});

test('the namespace that the namespace suite makes is granted by name and not made by us', { skip }, () => {
  const role = only(manifests(), 'ClusterRole', 'kube-e2etests-namespace-suite');
  assert.deepEqual(role.rules[1].resourceNames, [namespace('namespace')]);
  assert.ok(!ofKind(manifests(), 'v1', 'Namespace').some(({ metadata }) => metadata.name === namespace('namespace')));
});

test('each role names the lock of its own namespace', { skip }, () => {
  for (const role of manifests().filter(({ kind }) => kind === 'Role')) {
    const [, named] = role.rules;
    const locked = role.metadata.namespace === 'kube-e2etests' ? namespace('namespace') : role.metadata.namespace;
    assert.deepEqual(named.resourceNames, [`kube-e2etests-${locked}`.slice(0, 63)]);
  }
});

test('every suite has a Knative service of its own that serves it alone, and there is one more, the page', {
  skip,
}, () => {
  const services = ofKind(build('knative'), 'serving.knative.dev/v1', 'Service');
  const wanted = [...suites.map(({ name }) => `kube-e2etests-${dashed(name)}`), 'kube-e2etests-page'];
  assert.deepEqual(sorted(services.map(({ metadata }) => metadata.name)), sorted(wanted));
  for (const { name } of suites) {
    const service = services.find(({ metadata }) => metadata.name === `kube-e2etests-${dashed(name)}`)!;
    assert.equal(envOf(service).SUITES, name);
    assert.equal(envOf(service).REPORT_URL, 'http://kube-e2etests-page.kube-e2etests.svc.cluster.local');
  }
  const page = services.find(({ metadata }) => metadata.name === 'kube-e2etests-page')!;
  assert.deepEqual([envOf(page).SUITES, envOf(page).REPORT_URL], [undefined, undefined]);
  assert.equal(podTemplate(page).metadata.annotations['autoscaling.knative.dev/min-scale'], '1');
});

test('every suite has a PingSource, and they are spread over ten minutes', { skip }, () => {
  const sources = ofKind(build('knative'), 'sources.knative.dev/v1', 'PingSource');
  assert.deepEqual(
    sorted(sources.map(({ spec }) => `${spec.sink.ref.name} ${spec.sink.uri}`)),
    sorted(suites.map(({ name }) => `kube-e2etests-${dashed(name)} /run/${name}`)),
  );
  const schedules = sources.map(({ spec }) => spec.schedule as string);
  const most = Math.ceil(suites.length / 10);
  for (const [minute, together] of Map.groupBy(schedules, (schedule) => schedule))
    assert.ok(together.length <= most, minute);
  for (const schedule of schedules) assert.match(schedule, /^\d-59\/10 \* \* \* \*$/);
});

test('Knative services keep the rules that its webhooks check', { skip }, () => {
  for (const service of ofKind(build('knative'), 'serving.knative.dev/v1', 'Service')) {
    const { name, labels } = service.metadata;
    const { metadata, spec } = podTemplate(service);
    const [container, ...more] = spec.containers;
    assert.equal(labels?.['networking.knative.dev/visibility'], 'cluster-local', name);
    assert.equal(metadata.annotations['autoscaling.knative.dev/max-scale'], '1', name);
    for (const [key, value] of Object.entries(metadata.annotations)) assert.equal(typeof value, 'string', key);
    assert.equal(more.length, 0);
    assert.equal(container.ports, undefined, 'PORT is injected');
    assert.equal(spec.securityContext, undefined, 'pod-level security is behind a feature flag');
    assert.ok(spec.timeoutSeconds <= 600 && spec.responseStartTimeoutSeconds === spec.timeoutSeconds, name);
    assert.ok(spec.timeoutSeconds >= 4 * 60 + 20, 'a run takes four event timeouts and its clean-up');
    assert.equal(spec.containerConcurrency, 0, 'a second event joins the run');
    for (const key of Object.keys(envOf(service))) assert.doesNotMatch(key, /^(PORT|K_.*)$/);
    for (const entry of container.env) assert.equal(entry.valueFrom?.fieldRef, undefined, entry.name);
  }
});

test('the page asks for the token that the suites send', { skip }, () => {
  const services = ofKind(build('knative'), 'serving.knative.dev/v1', 'Service');
  for (const service of services) {
    const entries = podTemplate(service).spec.containers[0].env as { name: string; valueFrom?: object }[];
    const [token] = entries.filter(({ name }) => name.endsWith('_TOKEN'));
    assert.equal(token?.name, service.metadata.name === 'kube-e2etests-page' ? 'RUN_TOKEN' : 'REPORT_TOKEN');
    assert.deepEqual(token?.valueFrom, { secretKeyRef: { name: 'kube-e2etests-token', key: 'token' } });
  }
});

test('every environment variable of ours is a setting', { skip }, () => {
  const known = new Set(settings.map(({ name }) => name));
  const isKnown = (key: string) => known.has(key) || (key.startsWith('SCHEDULE_') && known.has('SCHEDULE_<SUITE>'));
  const seen = new Set<string>();
  for (const { from, manifest } of everything()) {
    const keys = isSettings(manifest)
      ? Object.keys(manifest.data)
      : usesOurImage(manifest)
        ? Object.keys(envOf(manifest))
        : [];
    for (const key of keys) assert.ok(isKnown(key), `${from} ${manifest.kind}/${manifest.metadata.name}: ${key}`);
    for (const key of keys) seen.add(key);
  }
  for (const key of [
    'TEST_NAMESPACE',
    'SECONDS_BETWEEN_RUNS',
    'SUITES',
    'SCHEDULER',
    'REPORT_URL',
    'RUN_TOKEN',
    'STATSD_HOST',
  ])
    assert.ok(seen.has(key), key);
});

test('one process runs every suite, 300 s after its last run', { skip }, () => {
  assert.deepEqual([config().SECONDS_BETWEEN_RUNS, config().SUITES], ['300', undefined]);
  const deployment = only(manifests(), 'Deployment', 'kube-e2etests');
  assert.equal(deployment.spec.replicas, 1);
});

test('every workload takes its settings from the ConfigMap that was generated with it', { skip }, () => {
  for (const folder of kustomizations) {
    const generated = ofKind(build(folder), 'v1', 'ConfigMap').find(isSettings)!.metadata.name;
    const ours = build(folder).filter(usesOurImage);
    assert.ok(ours.length > 0, folder);
    for (const manifest of ours)
      assert.equal(
        ourContainer(manifest).envFrom[0].configMapRef.name,
        generated,
        `${folder} ${manifest.metadata.name}`,
      );
  }
});

test('the version of the image is the version of the package', { skip }, () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const folder of kustomizations)
    for (const manifest of build(folder).filter(usesOurImage))
      assert.ok(ourContainer(manifest).image.endsWith(`/kube-e2etests:${version}`), folder);
});

test('the port of the manifests is the one that the process listens on', { skip }, () => {
  const port = Number(settings.find(({ name }) => name === 'FLASK_PORT')?.default);
  const [container] = podTemplate(only(manifests(), 'Deployment', 'kube-e2etests')).spec.containers;
  assert.equal(container.ports[0].containerPort, port);
  assert.equal(only(manifests(), 'NetworkPolicy', 'kube-e2etests').spec.ingress[0].ports[0].port, port);
});

test('contrib/frontend.yaml and the cert-manager overlay are the same', { skip }, () => {
  const overlay = build('overlays/cert-manager');
  // It brings a Service of its own, since it goes with every overlay.
  const file = JSON.parse(
    JSON.stringify(read('contrib/frontend.yaml')).replaceAll('kube-e2etests-frontend', 'kube-e2etests'),
  );
  for (const one of (file as Manifest[]).filter(({ kind }) => kind !== 'NetworkPolicy'))
    assert.deepEqual(
      one.spec,
      only(
        overlay.filter((o) => o.apiVersion === one.apiVersion),
        one.kind,
        one.metadata.name,
      ).spec,
    );
});

test('every ServiceMonitor finds a Service with its labels and its port', { skip }, () => {
  const services = ['manifests', 'knative'].flatMap((folder) => ofKind(build(folder), 'v1', 'Service'));
  const monitors = ofKind(read('contrib/monitoring-config.yaml'), 'monitoring.coreos.com/v1', 'ServiceMonitor');
  assert.equal(monitors.length, 2);
  for (const { metadata, spec } of monitors) {
    const wanted = Object.entries(spec.selector.matchLabels as Record<string, string>);
    const fits = services.filter(({ metadata: { labels = {} } }) =>
      wanted.every(([key, value]) => labels[key] === value),
    );
    for (const { port } of spec.endpoints)
      assert.ok(
        fits.some((one) => one.spec.ports.some(({ name }: { name: string }) => name === port)),
        `${metadata.name} ${port}`,
      );
  }
});

test('no role has a wildcard, none may list Secrets, and every binding is of our service account', { skip }, () => {
  const manifests = build('manifests');
  const roles = manifests.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  for (const { rules } of roles) assert.doesNotMatch(JSON.stringify(rules), /"\*"/);
  const ofSecrets = roles.flatMap(({ metadata, rules }) =>
    (rules as { resources: string[]; verbs: string[] }[])
      .filter(({ resources }) => resources.includes('secrets'))
      .map(({ verbs }) => `${metadata.namespace} ${verbs.toSorted()}`),
  );
  // The one Secret that a suite makes itself.
  assert.deepEqual(ofSecrets, ['kube-e2etests-config-update create,delete,get,patch']);
  const account = { kind: 'ServiceAccount', name: 'kube-e2etests', namespace: 'kube-e2etests' };
  for (const { kind, subjects } of manifests.filter(
    ({ kind }) => kind.endsWith('RoleBinding') || kind === 'RoleBinding',
  ))
    assert.deepEqual(subjects, [account], kind);
});

test('every image has a tag of its own, and a process on Knative ends after its run and before its pod', {
  skip,
}, () => {
  for (const folder of ['manifests', 'knative', 'overlays/headless', 'overlays/air-gapped']) {
    const images = JSON.stringify(build(folder)).match(/"image":"[^"]+"/g) ?? [];
    assert.ok(images.length > 0, folder);
    for (const image of images) assert.match(image, /:v?\d+\.\d+\.\d+"$/, folder);
  }
  const settings = ofKind(build('knative'), 'v1', 'ConfigMap').find(
    ({ data = {} }) => 'SHUTDOWN_GRACE_SECONDS' in data,
  )!.data;
  assert.ok(Number(settings.SHUTDOWN_GRACE_SECONDS) >= 240 && Number(settings.SHUTDOWN_GRACE_SECONDS) <= 300 - 30);
});

test('overlays go together: each still does what it is for', { skip }, () => {
  for (const page of ['headless', 'statsd-only', 'cert-manager']) {
    const all = combine([page, 'restricted', 'air-gapped']);
    const settings = all.find(isSettings)!.data;
    assert.equal(settings.TEST_POD_SECURITY, 'restricted', page);
    assert.equal(settings.DOCKER_REGISTRY_HOST, 'registry.example.com:5000', page);
    assert.equal(
      settings.STATSD_HOST,
      { headless: '127.0.0.1', 'statsd-only': 'statsd.monitoring.svc.cluster.local' }[page],
    );
    for (const image of JSON.stringify(all).match(/"image":"[^"]+"/g)!)
      assert.match(image, /^"image":"registry\.example\.com:5000\//, page);
    for (const { metadata } of all.filter(({ kind }) => kind === 'Namespace'))
      assert.equal(metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted', metadata.name);
    // What the variant alone has, the combination has as well.
    const kinds = (manifests: readonly Manifest[]) => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const stable = kinds(build(`overlays/${page}`)).filter((name) => !name.startsWith('ConfigMap'));
    assert.deepEqual(
      stable.filter((name) => !kinds(all).includes(name)),
      [],
      page,
    );
  }
});

test('every overlay is built by a test, and is its component', () => {
  const components = readdirSync(join(root, 'manifests/components')).filter((name) => !/^(statsd|suite)-/.test(name));
  assert.deepEqual(sorted([...components, 'statsd-only']), sorted([...overlays]));
  const folders = readdirSync(join(root, 'overlays')).map((name) => `overlays/${name}`);
  assert.deepEqual(sorted(folders), sorted(kustomizations.filter((name) => name.startsWith('overlays/'))));
});

test('where the page is shown, or a token is wanted, no process starts without one', { skip }, () => {
  const isOptional = (from: string) => {
    const { containers } = only(build(from), 'Deployment', 'kube-e2etests').spec.template.spec;
    const { env } = containers.find(({ name }: { name: string }) => name === 'kube-e2etests');
    return env.find(({ name }: { name: string }) => name === 'RUN_TOKEN').valueFrom.secretKeyRef.optional;
  };
  assert.deepEqual(['manifests', 'overlays/token', 'overlays/cert-manager'].map(isOptional), [true, false, false]);
});

test('a page that is not meant to be reached is not', { skip }, () => {
  const headless = build('overlays/headless');
  const ports = only(headless, 'Service', 'kube-e2etests').spec.ports.map(({ port }: { port: number }) => port);
  const allowed = only(headless, 'NetworkPolicy', 'kube-e2etests').spec.ingress.flatMap(
    (rule: Manifest['spec']) => rule.ports,
  );
  assert.deepEqual([ports, allowed.map(({ port }: { port: number }) => port)], [[9102], [9102]]);
  const statsdOnly = build('overlays/statsd-only');
  assert.deepEqual(ofKind(statsdOnly, 'v1', 'Service'), []);
  assert.deepEqual(only(statsdOnly, 'NetworkPolicy', 'kube-e2etests').spec.ingress, []);
});

test('the air-gapped overlay takes every image of ours from the registry', { skip }, () => {
  const airGapped = build('overlays/air-gapped');
  const data = ofKind(airGapped, 'v1', 'ConfigMap')[0]!.data;
  for (const manifest of airGapped.filter((one) => podTemplate(one)))
    for (const { image } of podTemplate(manifest).spec.containers)
      assert.ok(image.startsWith(`${data.DOCKER_REGISTRY_HOST}/`), image);
  assert.deepEqual(only(airGapped, 'ServiceAccount', 'kube-e2etests').imagePullSecrets, [
    { name: data.IMAGE_PULL_SECRETS },
  ]);
});

function isSettings({ kind, metadata, data }: Manifest): boolean {
  return kind === 'ConfigMap' && metadata.name.startsWith('kube-e2etests-') && data.TEST_NAMESPACE !== undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: any container
function ourContainer(manifest: Manifest): any {
  const containers = podTemplate(manifest)?.spec.containers ?? [];
  return containers.find(({ image }: { image: string }) => /(^|\/)kube-e2etests(:|$)/.test(image));
}

function usesOurImage(manifest: Manifest): boolean {
  return ourContainer(manifest) !== undefined;
}

function envOf(manifest: Manifest): Readonly<Record<string, string | undefined>> {
  const entries = (ourContainer(manifest).env ?? []) as { name: string; value?: string }[];
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
}
