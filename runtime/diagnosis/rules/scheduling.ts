/** Where pods go, or why they go nowhere. */
import type { PodView } from '../../model/evidence.ts';
import { count, distinct, failedRequest, scheduledCondition } from '../clues.ts';
import type { Clues, Rule } from '../rule.ts';

export const scheduling: readonly Rule[] = [
  {
    name: 'scheduler/silent',
    seen: 'pods have no node and no PodScheduled condition',
    read: (clues) => {
      const ignored = clues.standing.filter(
        (pod) => !pod.node && !scheduledCondition(pod) && clues.isOverdue(pod.createdAt),
      );
      if (!clues.waited || ignored.length === 0) return undefined;
      const oldest = Math.max(...ignored.map(({ createdAt }) => clues.ageS(createdAt)));
      return {
        component: 'scheduler',
        confidence: 'certain',
        sentence: `${ignored.length} of ${count(clues.standing.length, 'pod')} ${ignored.length === 1 ? 'has' : 'have'} no node and no PodScheduled condition, the oldest for ${oldest} s: no scheduler has looked at ${ignored.length === 1 ? 'it' : 'them'}.`,
        command: 'kubectl get pods -n kube-system -l component=kube-scheduler',
      };
    },
  },
  {
    name: 'setup/no-zone-label',
    seen: 'nodes lack the label that ANTI_AFFINITY_KEY names',
    read: (clues) => {
      if (!clues.findings.some(({ code }) => code === 'k8s.no_zone_label_on_node')) return undefined;
      const bare = clues.evidence.nodes.filter(({ zone }) => !zone).map(({ name }) => name);
      const which = bare.length > 0 ? ` (${bare.length} of ${clues.evidence.nodes.length}: ${bare.join(', ')})` : '';
      return {
        component: 'setup',
        part: 'node labels',
        confidence: 'certain',
        sentence: `Nodes have no zone label${which}, so that nothing can be spread over zones.`,
        command: 'kubectl get nodes --show-labels',
      };
    },
  },
  {
    name: 'scheduler/anti-affinity-ignored',
    seen: 'pods share a node or a zone although their required anti-affinity forbids it',
    read: (clues) => {
      const shared = clues.findings.find(({ code }) => code === 'k8s.same_node' || code === 'k8s.same_data_centre');
      if (!shared) return undefined;
      return {
        component: 'scheduler',
        confidence: 'likely',
        sentence: `The scheduler ignores required anti-affinity: ${shared.message}.`,
        command: `kubectl get pods -o wide -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'capacity/unschedulable',
    seen: 'PodScheduled is False with reason Unschedulable, for other reasons than a NotReady node',
    read: (clues) => {
      const stuck = clues.standing.filter((pod) => !pod.node && isUnschedulable(pod));
      if (!clues.waited || stuck.length === 0) return undefined;
      const closed = clues.evidence.nodes.filter(({ unschedulable }) => unschedulable);
      const said = distinct(stuck.map((pod) => scheduledCondition(pod)?.message)).join('; ');
      const ofFirst = failedRequest(clues.evidence, 'list nodes') ? ' (of the nodes that were looked at)' : '';
      const scaling = autoscalerSays(clues, stuck);
      const cordoned = closed.map(({ name, zone }) => (zone ? `${name} (${zone})` : name)).join(', ');
      return {
        component: 'capacity',
        ...(closed.length > 0 && { part: closed.map(({ name }) => name).join(', ') }),
        confidence: closed.length > 0 || scaling || ofFirst ? 'likely' : 'certain',
        sentence: `The scheduler finds no node for ${count(stuck.length, 'pod')}${cordoned ? `; cordoned${ofFirst}: ${cordoned}` : ''}: ${said.replace(/\.$/, '')}${scaling}.`,
        command: commandFor(clues, closed[0]?.name, stuck[0]?.name),
      };
    },
  },
];

/** Events of the cluster autoscaler, and of Karpenter. */
const adding = new Set(['TriggeredScaleUp', 'Nominated']);
const notAdding = new Set(['NotTriggerScaleUp', 'FailedScaleUp', 'ScaleUpTimedOut']);

function autoscalerSays({ events }: Clues, stuck: readonly PodView[]): string {
  const about = events.filter(({ object }) => stuck.some(({ name }) => name === object.name));
  const adds = about.find(({ reason }) => adding.has(reason));
  if (adds)
    return `; a node is being added (${adds.message.replace(/\.$/, '')}), which takes longer than this run waits`;
  const refuses = about.find(({ reason }) => notAdding.has(reason));
  return refuses ? `; the autoscaler adds none: ${refuses.message.replace(/\.$/, '')}` : '';
}

/** A pod that is gated waits for somebody else. */
function isUnschedulable(pod: PodView): boolean {
  const { status, reason } = scheduledCondition(pod) ?? {};
  return status === 'False' && reason === 'Unschedulable';
}

function commandFor({ run }: Clues, node: string | undefined, pod: string | undefined): string {
  return node ? `kubectl describe node ${node}` : `kubectl describe pod ${pod} -n ${run.namespace}`;
}
