/** Red runs with evidence, for tests of what reads them. */
import type { FindingCode } from '../runtime/findings.ts';
import type { EventView, Evidence, NodeView, PodView, ProbeView, ReplicaSetView } from '../runtime/model/evidence.ts';
import type { Finding } from '../runtime/model/finding.ts';
import type { RunResult } from '../runtime/model/result.ts';
import { aContainer, aPod } from './pods.ts';
import { aFinding, aRun, aStep, midnight } from './results.ts';

/** `seconds` after midnight, when the objects of these tests were made. */
export function later(seconds: number): string {
  return new Date(Date.parse(midnight) + seconds * 1000).toISOString();
}

/** Nothing is wrong; taken a minute after midnight. */
export function anEvidence(changes: Partial<Evidence> = {}): Evidence {
  const nodes = ['node1', 'node2', 'node3'].map((name) => aNode(name));
  return { at: later(60), replicaSets: [], pods: [], nodes, events: [], probes: [], logs: [], api: [], ...changes };
}

export function aNode(name: string, changes: Partial<NodeView> = {}): NodeView {
  return { name, zone: `zone-${name.slice(-1)}`, ready: true, unschedulable: false, taints: [], ...changes };
}

export function aReplicaSet(changes: Partial<ReplicaSetView> = {}): ReplicaSetView {
  const counts = { wanted: 3, replicas: 3, ready: 3 };
  return { name: 'web-1', owner: 'web', image: 'nginx:1.28-alpine', conditions: [], ...counts, ...changes };
}

/** Three pods of replicaset/web-1, one on each node. */
export function threePods(changes: (index: number) => Partial<PodView> = () => ({})): readonly PodView[] {
  return [1, 2, 3].map((index) =>
    aPod(`web-1-${index}`, { node: `node${index}`, ip: `10.244.${index}.2`, owner: 'web-1', ...changes(index) }),
  );
}

/** A pod's state before its node has done anything. */
export const unscheduled: Partial<PodView> = {
  node: undefined,
  ip: undefined,
  conditions: [],
  containers: [],
  phase: 'Pending',
};
export const untouched: Partial<PodView> = {
  ip: undefined,
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'True', since: later(19) }],
  containers: [],
};
export const unready = [
  { type: 'PodScheduled', status: 'True', since: later(1) },
  { type: 'Ready', status: 'False' },
] as const;

/** A pod whose container waits. */
export function waiting(reason: string, message?: string, restarts = 0): Partial<PodView> {
  const container = aContainer({ ready: false, state: 'waiting', reason, message, restarts });
  return { phase: 'Pending', conditions: unready, containers: [container] };
}

/** Being deleted; its grace period ends `graceEnds` seconds after midnight. */
export function dying(graceEnds: number): Partial<PodView> {
  return { deletedAt: later(graceEnds), graceSeconds: 10 };
}

export function anEvent(reason: string, object: string, message: string, changes: Partial<EventView> = {}): EventView {
  const [kind = '', name = ''] = object.split('/');
  return { type: 'Warning', reason, message, object: { kind, name }, count: 1, lastSeen: later(30), ...changes };
}

export function aProbe(target: ProbeView['target'], result = '200', changes: Partial<ProbeView> = {}): ProbeView {
  return { target, to: '10.96.1.1:80', result, durationMs: 3, ...changes };
}

/** One request to each of the three pods, each on its node. */
export function podProbes(resultOf: (index: number) => string = () => '200', detail?: string): readonly ProbeView[] {
  return [1, 2, 3].map((index) =>
    aProbe('pod', resultOf(index), {
      to: `10.244.${index}.2:8080`,
      pod: `web-1-${index}`,
      node: `node${index}`,
      detail,
    }),
  );
}

/** A red run that found `code`, with that evidence. */
export function aRedRun(code: FindingCode, evidence?: Partial<Evidence>, finding: Partial<Finding> = {}): RunResult {
  const { blame = 'cluster' } = finding;
  const found = aFinding({ code, blame, ...finding, evidence: evidence && anEvidence(evidence) });
  const status = blame === 'us' ? 'errored' : 'failed';
  const steps = [aStep('Wait on pods ready', status, { findings: [found] })];
  return aRun('deployment', { namespace: 'e2e', status, startedAt: midnight, finishedAt: later(60), steps });
}
