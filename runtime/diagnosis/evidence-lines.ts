import type { NodeView, PodView } from '../model/evidence.ts';
import { isReady, scheduledCondition } from './clues.ts';
import type { Clues } from './rule.ts';

const most = 12;

/** What the objects showed, in lines for people: the finding, then what is not as it should be. At most 12. */
export function evidenceLines(clues: Clues): readonly string[] {
  const { evidence, findings } = clues;
  const { deployment, endpoints, namespace } = evidence;
  const codes = Map.groupBy(findings, ({ code }) => code);
  const lines = [
    `findings: ${[...codes].map(([code, all]) => (all.length > 1 ? `${all.length} × ${code}` : code)).join(', ')}`,
    namespace && `namespace/${namespace.name} ${namespace.phase}`,
    deployment &&
      `deployment/${deployment.name}: generation ${deployment.generation}, observed ${deployment.observedGeneration}; ${deployment.updated} updated, ${deployment.ready} ready of ${deployment.wanted}`,
    ...(evidence.objects ?? []).map(({ kind, name, state }) => `${kind}/${name}${state ? `: ${state}` : ''}`),
    ...evidence.pods.filter((pod) => pod.deletedAt || !isReady(pod)).map((pod) => podLine(pod, clues)),
    endpoints &&
      `endpoints of service/${endpoints.service}: ${endpoints.exists ? `${endpoints.addresses.length} ready, ${endpoints.notReady.length} not` : 'no object'}`,
    ...evidence.nodes.filter((node) => !node.ready || node.unschedulable).map(nodeLine),
    ...probeLines(clues),
    ...clues.events
      .filter(({ type }) => type === 'Warning')
      .slice(0, 3)
      .map(({ object, reason, message }) => `event of ${object.kind}/${object.name}: ${reason}: ${message}`),
    ...evidence.api.slice(-2).map(({ request, status, message }) => `${request}: ${status} ${message}`),
  ];
  return lines.filter((line): line is string => Boolean(line)).slice(0, most);
}

function podLine(pod: PodView, clues: Clues): string {
  const scheduled = scheduledCondition(pod);
  const where = pod.node ? `on ${pod.node}, scheduled ${clues.ageS(scheduled?.since)} s ago` : 'without a node';
  const init = (pod.init ?? []).filter(({ exitCode }) => exitCode !== 0);
  const states =
    [...init, ...pod.containers].map(({ state, reason }) => reason ?? state).join(', ') || 'no container status';
  const going = pod.deletedAt ? `, being deleted, its grace period ends ${pod.deletedAt}` : '';
  return `pod/${pod.name} ${where}: ${states}${going}`;
}

function nodeLine(node: NodeView): string {
  const words = [!node.ready && `NotReady (${node.readyReason ?? 'no reason'})`, node.unschedulable && 'cordoned'];
  return `node/${node.name}: ${words.filter(Boolean).join(', ')}`;
}

function probeLines({ evidence }: Clues): readonly string[] {
  const groups = Map.groupBy(evidence.probes, ({ target, node }) => (node ? `${target} on ${node}` : target));
  return [...groups]
    .filter(([, probes]) => probes.some(({ result }) => result !== '200' && result !== 'healthy'))
    .map(([where, probes]) => {
      const results = Map.groupBy(probes, ({ result }) => result);
      return `requests to ${where}: ${[...results].map(([result, all]) => `${all.length} × ${result}`).join(', ')}`;
    });
}
