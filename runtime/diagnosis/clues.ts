import type { Evidence, PodView } from '../model/evidence.ts';
import type { RunResult } from '../model/result.ts';
import type { Clues } from './rule.ts';

const waits = new Set<string>([
  'timeout.events',
  'timeout.waiting_on_endpoints',
  'timeout.waiting_on_phase',
  'timeout.deadline',
  'k8s.not_deleted',
  'k8s.pod_failed',
  'k8s.replica_failure',
  'k8s.service_endpoint_count_wrong',
  'start.late',
  'edge.no_address',
  'edge.not_accepted',
]);

/** Instants of the API server are whole seconds, and its clock is not ours. */
const clockSlackMs = 2_000;
const longestDueS = 10;

/** What the rules read of a red run; undefined where it found nothing. */
export function cluesOf(run: RunResult): Clues | undefined {
  const findings = run.steps.filter(({ kind }) => kind !== 'cleanup').flatMap((step) => step.findings);
  const [first] = findings;
  if (!first) return undefined;
  const evidence = findings.find((finding) => finding.evidence)?.evidence ?? nothing(run.finishedAt);
  const from = Date.parse(run.startedAt) - clockSlackMs;
  const ageS = (instant: string | undefined) =>
    instant ? Math.max(0, Math.round((Date.parse(evidence.at) - Date.parse(instant)) / 1000)) : 0;
  const failed = run.steps.find((step) => step.findings.includes(first));
  const overdueS = Math.max(1, Math.min(longestDueS, (failed?.durationMs ?? 0) / 2000));
  const standing = evidence.pods.filter((pod) => !pod.deletedAt && pod.phase !== 'Failed' && pod.phase !== 'Succeeded');
  return {
    run,
    findings,
    first,
    evidence,
    waited: findings.some(({ code }) => waits.has(code)),
    events: evidence.events.filter(({ lastSeen }) => Date.parse(lastSeen) >= from),
    standing,
    deleting: evidence.pods.filter((pod) => pod.deletedAt),
    ready: standing.filter(isReady),
    node: (name) => evidence.nodes.find((node) => node.name === name),
    ageS,
    isOverdue: (instant) => ageS(instant) >= overdueS,
  };
}

export function isReady(pod: PodView): boolean {
  return pod.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

export function scheduledCondition(pod: PodView) {
  return pod.conditions.find(({ type }) => type === 'PodScheduled');
}

/** Why what the request lists is not known: an answer other than the one asked for, or a list that was not read to its end. */
export function failedRequest(evidence: Evidence, request: string) {
  const cut = { request, status: 200, message: 'the list was not read to its end' };
  const failed = evidence.api.findLast((failure) => failure.request.startsWith(request));
  return failed ?? (evidence.partial?.includes(request) ? cut : undefined);
}

/** "1 pod", "3 pods". */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** In order, each once. */
export function distinct(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name): name is string => Boolean(name)))].sort();
}

function nothing(at: string): Evidence {
  return { at, replicaSets: [], pods: [], nodes: [], events: [], probes: [], logs: [], api: [] };
}
