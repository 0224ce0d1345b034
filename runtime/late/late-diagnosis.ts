/** Why a suite that was due has not begun: the rules of the diagnosis over the objects behind its Service, then what only Knative has. Pure. */
import { diagnoseRun } from '../diagnosis/diagnose.ts';
import type { PlannedStart, StartView } from '../kube/session/starts.ts';
import type { Component, Diagnosis } from '../model/diagnosis.ts';
import type { Finding } from '../model/finding.ts';
import type { ClusterIdentity, RunResult } from '../model/result.ts';
import { notBegun } from './not-begun.ts';

export interface LateStart {
  readonly planned: PlannedStart;
  /** When it was due. */
  readonly due: Date;
  readonly now: Date;
  readonly namespace: string;
  readonly view: StartView;
  /** What the Service answers to whoever asks it now: a status, or why there is no answer. */
  readonly answer: string;
  readonly cluster?: ClusterIdentity;
}

/** Somebody of the Service has answered. */
export const isServed = (answer: string): boolean => /^[1-4]\d\d$/.test(answer);

/** What a cluster does by itself: where one of these is broken the run has failed, else it could not judge. */
const ofTheCluster = new Set<Component>([
  'api-server',
  'controller-manager',
  'scheduler',
  'kubelet',
  'node-network',
  'kube-proxy',
  'dns',
  'storage',
]);

/** A run that did not begin, as a run: with a finding, evidence and a diagnosis. */
export function lateRun(late: LateStart): RunResult {
  const { planned, due, now, namespace, cluster } = late;
  const build = (finding: Finding, diagnosis?: Diagnosis): RunResult =>
    notBegun({ suite: planned.suite, namespace, due, now, finding, cluster, diagnosis });
  const finding = (blame: Finding['blame'], why: string): Finding => ({
    code: 'start.late',
    blame,
    message: `Due at ${due.toISOString()}, and no process of the suite has begun: ${why}`,
    count: 1,
    object: { kind: 'service', name: planned.service, namespace },
    evidence: late.view.evidence,
  });
  const diagnosis = diagnose(late, build(finding('cluster', 'its pods')));
  const blame = ofTheCluster.has(diagnosis.component) ? 'cluster' : 'us';
  return build(finding(blame, diagnosis.sentence), diagnosis);
}

function diagnose(late: LateStart, run: RunResult): Diagnosis {
  const { planned, namespace, view, answer } = late;
  const byRules = diagnoseRun(run);
  if (byRules && byRules.component !== 'unknown') return byRules;
  const knative = (rule: string, part: string, sentence: string, command: string): Diagnosis => ({
    component: 'knative',
    part,
    confidence: 'likely',
    sentence,
    evidence: [`The Service answers: ${answer}`],
    command,
    rule: `knative/${rule}`,
  });
  if (planned.notReady)
    return knative(
      'source-not-ready',
      'PingSource',
      `PingSource ${planned.source} is not ready: ${planned.notReady}.`,
      `kubectl describe pingsource ${planned.source} -n ${namespace}`,
    );
  if (view.notReady)
    return knative(
      'service-not-ready',
      'Serving',
      `Knative Service ${planned.service} is not ready: ${view.notReady}.`,
      `kubectl describe kservice ${planned.service} -n ${namespace}`,
    );
  const hasStarted = view.evidence.events.some(
    ({ reason, object, lastSeen }) =>
      reason === 'Started' && object.kind === 'pod' && Date.parse(lastSeen) >= late.due.getTime(),
  );
  if (hasStarted)
    return {
      component: 'setup',
      confidence: 'likely',
      sentence: `A pod of ${planned.service} has started since, and nothing of its run was reported here: REPORT_URL or the token is wrong, or the report was lost.`,
      evidence: [],
      command: `kubectl logs -n ${namespace} -l serving.knative.dev/service=${planned.service} -c user-container`,
      rule: 'setup/started-and-silent',
    };
  if (isServed(answer))
    return knative(
      'source-silent',
      'PingSource',
      `PingSource ${planned.source} sends no ticks: Knative Service ${planned.service} answers when it is asked (${answer}), and nobody asked it.`,
      'kubectl get pods -n knative-eventing -l eventing.knative.dev/source=ping-source-controller',
    );
  return knative(
    'not-scaled-up',
    'Serving',
    `Knative does not start ${planned.service}: asked now it says ${answer}, and ${view.wanted === 0 ? 'no pod of it is wanted' : 'its pods do not come'}. The activator, the autoscaler or the gateway does not work.`,
    'kubectl get pods -n knative-serving',
  );
}
