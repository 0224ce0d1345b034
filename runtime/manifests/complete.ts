/** All that `kubectl apply -f -` needs for chosen suites: what is generated, and what is written by hand, as one list. */
import { createHash } from 'node:crypto';
import jsonPatch from 'fast-json-patch';
import type { Suite } from '../model/suite.ts';
import { imagesByHand, manifestsByHand, patchByHand, settingsByHand, textByHand } from './by-hand.ts';
import { type KubeManifest, ownName, partOf, testNamespace } from './manifest.ts';
import { knativeService, pingSources, type TickSchedule } from './suite-knative.ts';
import { namespaceManifest, namespaceManifests, podPolicies } from './suite-namespace.ts';
import { clusterRoles, roles } from './suite-rights.ts';

export interface CompleteOptions {
  readonly suites: readonly Suite[];
  /** Those that people asked for by name. */
  readonly named?: readonly string[];
  /** The namespace of the process; those of the suites are `<home>-<suite>`. */
  readonly home: string;
  /** One Knative Service for each suite in the place of one process. */
  readonly isKnative: boolean;
  /** Default: that of the kustomizations. */
  readonly image?: string;
  /** TEST_REPLICAS */
  readonly replicas: number;
  /** How long a run of a suite takes at most. */
  runSeconds(suite: Suite): number;
  /** Besides those of the kustomizations. */
  readonly settings: Readonly<Record<string, string>>;
  /** When a suite is started on Knative; undefined: every ten minutes. */
  scheduleOf(suite: string): TickSchedule | undefined;
  /** Files of FUNCTIONS_DIR: name → text. */
  readonly sources: Readonly<Record<string, string>>;
}

const sourcesName = `${ownName}-suites`;
/** FUNCTIONS_DIR in the pods. */
const sourcesPath = '/suites';

export function completeManifests(options: CompleteOptions): readonly KubeManifest[] {
  const { suites, home, isKnative, replicas, sources } = options;
  const settings = settingsOf(options);
  const hash = createHash('sha256')
    .update(JSON.stringify([settings, sources]))
    .digest('hex')
    .slice(0, 16);
  const workloads = isKnative ? knativeWorkloads(options) : processWorkloads(home);
  const all = [
    namespaceManifest(home, 'process'),
    ...suites.flatMap((suite) => namespaceManifests(suite, home, replicas)),
    ...manifestsByHand('manifests/service-account.yaml', home).map((account) => ({
      ...account,
      // Serving takes it in a Service only as false.
      ...(isKnative && { automountServiceAccountToken: true }),
    })),
    ...roles(suites, home),
    ...clusterRoles(suites, home),
    ...suites.flatMap((suite) => podPolicies(suite, home)),
    configMap(ownName, home, settings),
    ...(Object.keys(sources).length > 0 ? [configMap(sourcesName, home, sources)] : []),
    ...workloads.map((one) => finished(one, options, hash)),
  ];
  return all.map(labelled);
}

function processWorkloads(home: string): readonly KubeManifest[] {
  return ['deployment', 'service', 'network-policy'].flatMap((name) => manifestsByHand(`manifests/${name}.yaml`, home));
}

function knativeWorkloads({
  suites,
  named = [],
  home,
  scheduleOf,
  runSeconds,
}: CompleteOptions): readonly KubeManifest[] {
  const patch = patchByHand('knative/suite-service.yaml', home);
  const mapping = { 'mapping.yaml': textByHand('manifests/components/statsd-mapping/mapping.yaml') };
  return [
    ...suites.map((suite) => {
      const service = knativeService(suite, home, {
        isNamed: named.includes(suite.name),
        runSeconds: runSeconds(suite),
      });
      return jsonPatch.applyPatch(service, structuredClone(patch) as never[]).newDocument;
    }),
    ...pingSources(suites, home, scheduleOf),
    configMap(`${ownName}-statsd-mapping`, home, mapping),
    ...['page', 'late-starts', 'statsd-exporter', 'network-policy'].flatMap((name) =>
      manifestsByHand(`knative/${name}.yaml`, home),
    ),
  ];
}

function settingsOf({ home, isKnative, settings, sources }: CompleteOptions): Readonly<Record<string, string>> {
  return {
    ...settingsByHand('manifests/kustomization.yaml'),
    ...(isKnative && settingsByHand('knative/kustomization.yaml')),
    ...settings,
    ...(Object.keys(sources).length > 0 && { FUNCTIONS_DIR: sourcesPath }),
    TEST_NAMESPACE: testNamespace(home),
  };
}

/** A workload with its images, and the suites of one's own where its pods look for them. */
function finished(manifest: KubeManifest, { isKnative, image, sources }: CompleteOptions, hash: string): KubeManifest {
  const template = manifest.spec?.template;
  if (!template) return manifest;
  const images = new Map(imagesByHand(`${isKnative ? 'knative' : 'manifests'}/kustomization.yaml`));
  if (image) images.set(ownName, image);
  const isOurs = (container: { image: string }) => container.image === ownName;
  const hasOurs = template.spec.containers.some(isOurs);
  const mounts = hasOurs && Object.keys(sources).length > 0;
  const containers = template.spec.containers.map((container: { image: string; volumeMounts?: object[] }) => ({
    ...container,
    image: images.get(container.image) ?? container.image,
    ...(mounts &&
      isOurs(container) && {
        volumeMounts: [...(container.volumeMounts ?? []), { name: 'suites', mountPath: sourcesPath, readOnly: true }],
      }),
  }));
  const volumes = [...(template.spec.volumes ?? []), { name: 'suites', configMap: { name: sourcesName } }];
  // What is read at the start alone: pods are made anew when it changes.
  const annotations = { ...template.metadata?.annotations, 'kube-e2etests.io/settings': hash };
  return {
    ...manifest,
    spec: {
      ...manifest.spec,
      template: {
        ...template,
        metadata: { ...template.metadata, ...(hasOurs && { annotations }) },
        spec: { ...template.spec, containers, ...(mounts && { volumes }) },
      },
    },
  };
}

function configMap(name: string, namespace: string, data: Readonly<Record<string, string>>): KubeManifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function labelled(manifest: KubeManifest): KubeManifest {
  const { labels, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: { ...metadata, labels: { ...labels, ...partOf } } };
}
