import type { V1DaemonSet, V1PodSpec } from '@kubernetes/client-node';
import type { ClusterView } from './cluster-view.ts';
import { ourLabels } from './ownership.ts';
import { podTemplate } from './pod-template.ts';
import type { TestObjects } from './test-objects.ts';

export interface DaemonSetParts {
  readonly name: string;
  /** By which it knows its pods. */
  readonly own: Readonly<Record<string, string>>;
  readonly spec: V1PodSpec;
  /** What its pods are made by, where that is not as the settings have it. */
  readonly objects?: TestObjects;
}

/** Of this run. */
export function daemonSetManifest(view: ClusterView, { name, own, spec, objects }: DaemonSetParts): V1DaemonSet {
  const labels = ourLabels(view.scope.id, view.objects.labels);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: view.namespace, labels },
    spec: {
      selector: { matchLabels: own },
      template: podTemplate(objects ?? view.objects, { labels: { ...labels, ...own }, spec }),
    },
  };
}
