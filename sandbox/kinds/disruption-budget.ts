/** PodDisruptionBudgets: how many of their pods may be evicted now. */
import type { Cluster } from '../cluster.ts';
import { isReadyPod, setCondition } from '../controllers/conditions.ts';
import { atKey, createQueue, keyOf } from '../controllers/queue.ts';
import type { Condition, KubeObject, LabelSelector, Pod } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { selects } from '../store/selectors.ts';
import type { SandboxKind } from './kind.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    poddisruptionbudgets: DisruptionBudget;
  }
}

export interface DisruptionBudget extends KubeObject {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector?: LabelSelector };
  status: {
    observedGeneration?: number;
    disruptionsAllowed: number;
    currentHealthy: number;
    desiredHealthy: number;
    expectedPods: number;
    /** Evicted, and not yet seen to go. */
    disruptedPods?: Record<string, string>;
    conditions?: Condition[];
  };
}

export const disruptionBudget: SandboxKind = {
  plural: 'poddisruptionbudgets',
  defaults(object) {
    const made = object as DisruptionBudget;
    made.status ??= { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  start(cluster) {
    const { store, timing, faults } = cluster;
    const queue = createQueue(cluster, (key) => reconcile(cluster, key), timing.reconcileMs);
    const all = (namespace?: string) => {
      for (const made of store.list('poddisruptionbudgets', namespace)) queue.add(keyOf(made));
    };
    store.subscribe(({ plural, object }) => {
      if (plural === 'poddisruptionbudgets') queue.add(keyOf(object));
      if (plural === 'pods') all(object.metadata.namespace);
    });
    faults.onChange(() => all());
  },
};

function reconcile(cluster: Cluster, key: string): void {
  const { store, faults, now } = cluster;
  const { name, namespace } = atKey(key);
  const made = store.get('poddisruptionbudgets', name, namespace);
  if (!made || faults.on('disruption-controller-down')) return;
  const pods = store.list('pods', namespace).filter((pod) => isUnder(pod, made) && !hasEnded(pod));
  const expectedPods = pods.length;
  const desiredHealthy = desiredOf(made, expectedPods);
  const evicted = made.status.disruptedPods ?? {};
  const going = Object.entries(evicted).filter(([pod]) =>
    pods.some(({ metadata }) => metadata.name === pod && !metadata.deletionTimestamp),
  );
  const disruptedPods = Object.fromEntries(going);
  const currentHealthy = pods.filter((pod) => isReadyPod(pod) && !(pod.metadata.name in disruptedPods)).length;
  const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
  const isAllowed = {
    type: 'DisruptionAllowed',
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  } as const;
  store.change('poddisruptionbudgets', made.metadata, (draft) => {
    draft.status = {
      ...(going.length > 0 && { disruptedPods }),
      observedGeneration: made.metadata.generation ?? 1,
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      conditions: setCondition(made.status.conditions, isAllowed, now()),
    };
  });
}

export function isUnder(pod: Pod, { spec }: DisruptionBudget): boolean {
  return selects(spec.selector, pod.metadata.labels);
}

function desiredOf({ spec: { minAvailable, maxUnavailable } }: DisruptionBudget, pods: number): number {
  if (minAvailable !== undefined) return amountOf(minAvailable, pods);
  return Math.max(0, pods - amountOf(maxUnavailable ?? 0, pods));
}

/** A number, or a share such as `50%`, rounded up. */
function amountOf(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100);
}
