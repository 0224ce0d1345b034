/** StatefulSets: pods of stable names, each made once the one before it is Ready, and removed in turn. */
import type { Cluster } from '../cluster.ts';
import { isReadyPod } from '../controllers/conditions.ts';
import { isControlledBy, ownerReference } from '../controllers/owned.ts';
import type { KubeObject, LabelSelector, Pod, PodTemplate } from '../store/objects.ts';
import type { Deeds, SandboxKind } from './kind.ts';
import { makePod, standingOwner, watchOwners } from './owner.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    statefulsets: StatefulSet;
  }
}

interface StatefulSet extends KubeObject {
  spec: { replicas?: number; selector: LabelSelector; template: PodTemplate };
  status: Record<string, number>;
}

export const statefulSet: SandboxKind = {
  plural: 'statefulsets',
  defaults(object) {
    const made = object as StatefulSet;
    made.spec = { replicas: 1, ...made.spec };
    made.status ??= {};
  },
  template: (object) => (object as Partial<StatefulSet>).spec?.template,
  start: (cluster, deeds) =>
    watchOwners(cluster, { plural: 'statefulsets', kind: 'StatefulSet' }, (key, again) =>
      reconcile(cluster, deeds, key, again),
    ),
};

function reconcile(cluster: Cluster, deeds: Deeds, key: string, again: (key: string, ms: number) => void): void {
  const { store, timing } = cluster;
  const made = standingOwner(cluster, 'statefulsets', key);
  if (!made) return;
  const { namespace } = made.metadata;
  const { replicas = 1 } = made.spec;
  const pods = store.list('pods', namespace).filter((pod) => isControlledBy(pod, made));
  const byNumber = new Map(pods.map((pod) => [Number(pod.metadata.name.split('-').at(-1)), pod]));
  for (let number = 0; number < replicas; number += 1) {
    const pod = byNumber.get(number);
    if (!pod && !createPod(cluster, deeds, made, number)) again(key, timing.backOffMs);
    if (!pod || !isUp(pod)) break;
  }
  const highest = Math.max(-1, ...byNumber.keys());
  const last = byNumber.get(highest);
  if (highest >= replicas && last && !last.metadata.deletionTimestamp) deeds.remove('pods', last);
  store.change('statefulsets', made.metadata, (draft) => {
    const readyReplicas = pods.filter(isUp).length;
    draft.status = { observedGeneration: made.metadata.generation ?? 1, replicas: pods.length, readyReplicas };
  });
}

function isUp(pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && isReadyPod(pod);
}

/** False: it may not be made. */
function createPod(cluster: Cluster, deeds: Deeds, made: StatefulSet, number: number): boolean {
  const { namespace = '' } = made.metadata;
  const name = `${made.metadata.name}-${number}`;
  const { metadata, spec } = made.spec.template;
  const labels = { ...metadata?.labels, 'statefulset.kubernetes.io/pod-name': name };
  const said = `create Pod ${name} in StatefulSet ${made.metadata.name}`;
  const pod = {
    metadata: { ...metadata, name, namespace, labels, ownerReferences: [ownerReference(made)] },
    spec,
  };
  return makePod(cluster, deeds, made, pod, {
    by: 'statefulset-controller',
    made: () => `${said} successful`,
    refused: (why) => `${said} failed error: ${why}`,
  });
}
