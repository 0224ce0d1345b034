/** DaemonSets: one pod for each node that it fits, bound to it by its affinity and placed by the scheduler. */
import type { Cluster } from '../cluster.ts';
import { isReadyPod } from '../controllers/conditions.ts';
import { isControlledBy, ownerReference } from '../controllers/owned.ts';
import type { KubeObject, LabelSelector, Node, Pod, PodTemplate } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import type { Deeds, SandboxKind } from './kind.ts';
import { makePod, plainWords, standingOwner, watchOwners } from './owner.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    daemonsets: DaemonSet;
  }
}

interface DaemonSet extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplate };
  status: Record<string, number>;
}

/** By which a pod says which node it is for. */
const nodeKey = 'kubernetes.io/hostname';

const tolerations = ['not-ready', 'unreachable', 'unschedulable'].map((word) => ({
  key: `node.kubernetes.io/${word}`,
  operator: 'Exists',
}));

export const daemonSet: SandboxKind = {
  plural: 'daemonsets',
  defaults(object) {
    (object as DaemonSet).status ??= {};
  },
  template: (object) => (object as Partial<DaemonSet>).spec?.template,
  start: (cluster, deeds) =>
    watchOwners(cluster, { plural: 'daemonsets', kind: 'DaemonSet', alsoAt: 'nodes' }, (key, again) =>
      reconcile(cluster, deeds, key, again),
    ),
};

function reconcile(cluster: Cluster, deeds: Deeds, key: string, again: (key: string, ms: number) => void): void {
  const { store, timing } = cluster;
  const made = standingOwner(cluster, 'daemonsets', key);
  if (!made) return;
  const { namespace } = made.metadata;
  const pods = store.list('pods', namespace).filter((pod) => isControlledBy(pod, made) && !hasEnded(pod));
  const wanted = store.list('nodes').filter((node) => takes(node, made));
  for (const node of wanted) {
    if (pods.some((pod) => nodeOf(pod) === node.metadata.labels?.[nodeKey])) continue;
    if (createPod(cluster, deeds, made, node)) continue;
    again(key, timing.backOffMs);
    break;
  }
  const ready = pods.filter((pod) => !pod.metadata.deletionTimestamp && isReadyPod(pod)).length;
  store.change('daemonsets', made.metadata, (draft) => {
    draft.status = {
      observedGeneration: made.metadata.generation ?? 1,
      desiredNumberScheduled: wanted.length,
      currentNumberScheduled: pods.length,
      numberMisscheduled: 0,
      numberReady: ready,
    };
  });
}

function takes({ metadata, spec }: Node, { spec: { template } }: DaemonSet): boolean {
  const { nodeSelector = {} } = template.spec;
  if (!Object.entries(nodeSelector).every(([key, value]) => metadata.labels?.[key] === value)) return false;
  return (spec.taints ?? []).every(({ key }) => tolerations.some((one) => one.key === key));
}

function nodeOf({ spec }: Pod): string | undefined {
  const [term] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return term?.matchExpressions?.find(({ key }) => key === nodeKey)?.values?.[0];
}

/** False: it may not be made. */
function createPod(cluster: Cluster, deeds: Deeds, made: DaemonSet, node: Node): boolean {
  const { name, namespace = '' } = made.metadata;
  const { metadata, spec } = made.spec.template;
  const values = [node.metadata.labels?.[nodeKey] ?? ''];
  const nodeSelectorTerms = [{ matchExpressions: [{ key: nodeKey, operator: 'In', values }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  const pod = {
    metadata: { ...metadata, generateName: `${name}-`, namespace, ownerReferences: [ownerReference(made)] },
    spec: {
      ...spec,
      affinity,
      tolerations: [...((spec as { tolerations?: object[] }).tolerations ?? []), ...tolerations],
    },
  };
  return makePod(cluster, deeds, made, pod, plainWords('daemonset-controller'));
}
