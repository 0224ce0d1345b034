/** Whether a pod fits on a node: taints, selectors, affinity, room. The words are the scheduler's. */
import { parseQuantity } from '../admission/quantity.ts';
import type { AffinityTerm, Node, NodeSelectorTerm, Pod, Taint } from '../store/objects.ts';
import { fits, selects } from '../store/selectors.ts';

/** Why it does not fit; undefined: it does. `pods`: all that have a node, those being deleted included. */
export function refusal(
  pod: Pod,
  node: Node,
  nodes: readonly Node[],
  pods: readonly Pod[],
  rules: { ignoreAffinity: boolean },
): string | undefined {
  if (node.spec.unschedulable && !isCordonTolerated(pod)) return 'were unschedulable';
  const taint = node.spec.taints?.find((one) => repels(one, pod));
  if (taint) return `had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!selected(pod, node)) return "didn't match Pod's node affinity/selector";
  const short = insufficient(pod, node, pods);
  if (short) return short;
  if (rules.ignoreAffinity) return undefined;
  return affinityRefusal(pod, node, nodes, pods);
}

function isCordonTolerated({ spec }: Pod): boolean {
  return (spec.tolerations ?? []).some(({ key }) => key === 'node.kubernetes.io/unschedulable');
}

function repels({ key, value, effect }: Taint, pod: Pod): boolean {
  if (effect === 'PreferNoSchedule') return false;
  return !(pod.spec.tolerations ?? []).some(
    (toleration) =>
      (!toleration.effect || toleration.effect === effect) &&
      (toleration.key === undefined || toleration.key === key) &&
      (toleration.operator === 'Exists' ||
        (toleration.key !== undefined && (toleration.value ?? '') === (value ?? ''))),
  );
}

function selected({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms) return true;
  return terms.some((term) => isMeant(term, node));
}

function isMeant({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  // A term without expressions matches no node, not every: its documentation in k8s.io/api/core/v1.
  if (matchExpressions.length + matchFields.length === 0) return false;
  const named = { 'metadata.name': metadata.name };
  return (
    matchExpressions.every((expression) => fits(expression, metadata.labels ?? {})) &&
    matchFields.every((field) => fits(field, named))
  );
}

/** The weights of what the pod wishes of a node, and finds there. */
export function wishesMet({ spec }: Pod, node: Node): number {
  const wishes = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return wishes.filter(({ preference }) => isMeant(preference, node)).reduce((sum, { weight }) => sum + weight, 0);
}

function insufficient(pod: Pod, node: Node, pods: readonly Pod[]): string | undefined {
  const here = pods.filter((other) => other.spec.nodeName === node.metadata.name);
  for (const [resource, room] of Object.entries({ pods: '0', ...node.status.allocatable })) {
    const asked = resource === 'pods' ? 1 : requestOf(pod, resource);
    const used = resource === 'pods' ? here.length : here.reduce((sum, other) => sum + requestOf(other, resource), 0);
    if (asked > 0 && used + asked > parseQuantity(room))
      return resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;
  }
  return undefined;
}

function requestOf(pod: Pod, resource: string): number {
  return pod.spec.containers.reduce(
    (sum, { resources }) => sum + parseQuantity(resources?.requests?.[resource] ?? 0),
    0,
  );
}

function affinityRefusal(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): string | undefined {
  const zoneOf = (name: string | undefined, key: string) =>
    nodes.find((one) => one.metadata.name === name)?.metadata.labels?.[key];
  const near = (other: Pod, key: string) => {
    const domain = zoneOf(node.metadata.name, key);
    return domain !== undefined && zoneOf(other.spec.nodeName, key) === domain;
  };
  const anti = required(pod, 'podAntiAffinity');
  if (anti.some((term) => pods.some((other) => meant(term, pod, other) && near(other, term.topologyKey)))) {
    return "didn't match pod anti-affinity rules";
  }
  const symmetric = (other: Pod) =>
    required(other, 'podAntiAffinity').some((term) => meant(term, other, pod) && near(other, term.topologyKey));
  if (pods.some(symmetric)) return "didn't satisfy existing pods anti-affinity rules";
  for (const term of required(pod, 'podAffinity')) {
    const any = pods.some((other) => meant(term, pod, other));
    const first = !any && meant(term, pod, pod);
    if (!first && !pods.some((other) => meant(term, pod, other) && near(other, term.topologyKey))) {
      return "didn't match pod affinity rules";
    }
  }
  return undefined;
}

function required(pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): readonly AffinityTerm[] {
  return pod.spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** The term of `owner` speaks of `other`. */
function meant(term: AffinityTerm, owner: Pod, other: Pod): boolean {
  const namespaces = term.namespaces?.length ? term.namespaces : [owner.metadata.namespace];
  return namespaces.includes(other.metadata.namespace) && selects(term.labelSelector, other.metadata.labels);
}
