/** The scheduler: gives each new pod a node that fits, the emptiest first, and says why none does. */
import type { Cluster } from '../cluster.ts';
import type { Node, Pod } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { setCondition } from './conditions.ts';
import { refusal, wishesMet } from './fits.ts';
import { controllerOf } from './owned.ts';
import { atKey, createQueue, keyOf } from './queue.ts';

export function startScheduler(cluster: Cluster): void {
  const { store, faults, now, timing } = cluster;

  const queue = createQueue(
    cluster,
    (key) => {
      const { name, namespace } = atKey(key);
      const pod = store.get('pods', name, namespace);
      if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp || faults.on('scheduler-down')) return;
      const found = choose(cluster, pod);
      if (typeof found === 'string') return unschedulable(pod, found);
      store.change('pods', pod.metadata, (draft) => {
        draft.spec.nodeName = found.metadata.name;
        draft.metadata.labels = { ...draft.metadata.labels, ...placeOf(found) };
        const scheduled = { type: 'PodScheduled', status: 'True' } as const;
        draft.status.conditions = setCondition(draft.status.conditions, scheduled, now(), { probed: true });
      });
      const message = `Successfully assigned ${namespace}/${name} to ${found.metadata.name}`;
      cluster.recordEvent({ about: pod, by: 'default-scheduler', type: 'Normal', reason: 'Scheduled', message });
    },
    timing.scheduleMs,
  );

  const unschedulable = (pod: Pod, message: string): void => {
    store.change('pods', pod.metadata, (draft) => {
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const;
      draft.status.conditions = setCondition(draft.status.conditions, condition, now(), { probed: true });
    });
    cluster.recordEvent({ about: pod, by: 'default-scheduler', type: 'Warning', reason: 'FailedScheduling', message });
  };

  const retryAll = (): void => {
    for (const pod of store.list('pods')) if (!pod.spec.nodeName) queue.add(keyOf(pod));
  };
  store.subscribe(({ plural, type, object }) => {
    if (plural === 'pods' && type === 'ADDED') queue.add(keyOf(object));
    else if (plural === 'nodes' || (plural === 'pods' && type === 'DELETED')) retryAll();
  });
  faults.onChange(retryAll);
}

/** A pod carries its node's place since 1.35. Source: the admission plugin PodTopologyLabels. */
function placeOf({ metadata: { labels = {} } }: Node): Record<string, string> {
  const isPlace = ([key]: [string, string]) => /^topology\.kubernetes\.io\/(zone|region)$/.test(key);
  return Object.fromEntries(Object.entries(labels).filter(isPlace));
}

/** The node, or why there is none. */
function choose(cluster: Cluster, pod: Pod): Node | string {
  const { store, faults } = cluster;
  const nodes = store.list('nodes');
  // Pods that the fault left behind must not keep the rollout from its end.
  const ignored = (other: Pod) => faults.on('old-pods-linger') && !controllerOf(other);
  const pods = store.list('pods').filter((other) => other.spec.nodeName && !hasEnded(other) && !ignored(other));
  const only = faults.options('pods-on-one-node')?.node;
  const rules = { ignoreAffinity: only !== undefined || faults.on('pods-in-one-zone') };
  const refusals = new Map<string, number>();
  const fitting = nodes.filter((node) => {
    if (only !== undefined && node.metadata.name !== only) return false;
    const why = refusal(pod, node, nodes, pods, rules);
    if (why) refusals.set(why, (refusals.get(why) ?? 0) + 1);
    return !why;
  });
  return emptiest(fitting, pod, pods) ?? explain(nodes.length, refusals);
}

/** The node that is wished for most, of those the one with the fewest pods of the same owner, and of those the one with the fewest pods. */
function emptiest(nodes: readonly Node[], pod: Pod, pods: readonly Pod[]): Node | undefined {
  const owner = controllerOf(pod)?.uid;
  const load = (node: Node) => {
    const here = pods.filter((other) => other.spec.nodeName === node.metadata.name);
    const peers = here.filter((other) => owner !== undefined && controllerOf(other)?.uid === owner);
    return peers.length * 1000 + here.length - wishesMet(pod, node) * 1_000_000;
  };
  const loads = nodes.map((node) => ({ node, load: load(node) }));
  return loads.sort((a, b) => a.load - b.load)[0]?.node;
}

function explain(nodes: number, refusals: ReadonlyMap<string, number>): string {
  const reasons = [...refusals].map(([why, count]) =>
    why.startsWith('Insufficient') ? `${count} ${why}` : `${count} node(s) ${why}`,
  );
  const preemption = `preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`;
  return `0/${nodes} nodes are available: ${reasons.sort().join(', ')}. ${preemption}`;
}
