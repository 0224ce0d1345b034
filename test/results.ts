/** Results and events as run.ts makes them, for tests of what comes after. */
import { configMap, makes } from '../runtime/index.ts';
import type { RunEvent, Sink } from '../runtime/model/event.ts';
import type { Evidence } from '../runtime/model/evidence.ts';
import type { Finding } from '../runtime/model/finding.ts';
import type { Measurement } from '../runtime/model/measurement.ts';
import type { RunResult, StepResult, StepStatus } from '../runtime/model/result.ts';
import type { Suite } from '../runtime/model/suite.ts';

export const midnight = '2026-01-01T00:00:00.000Z';

/** `minutes` after midnight. */
export function at(minutes: number): Date {
  return new Date(Date.parse(midnight) + minutes * 60_000);
}

export function aFinding(changes: Partial<Finding> = {}): Finding {
  return {
    code: 'timeout.waiting_on_phase',
    blame: 'cluster',
    message: 'Expected 3 pods Ready, saw 2 after 60 s',
    count: 1,
    ...changes,
  };
}

export function evidenceOf(text: string): Evidence {
  const event = { type: 'Warning', reason: 'Failed', message: text, object: { kind: 'pod', name: 'web-1' } };
  return {
    at: midnight,
    replicaSets: [],
    pods: [],
    nodes: [],
    events: [{ ...event, count: 1, lastSeen: midnight }],
    probes: [],
    logs: [],
    api: [],
  };
}

export function aStep(name: string, status: StepStatus = 'passed', changes: Partial<StepResult> = {}): StepResult {
  const measurements: Measurement[] =
    status === 'passed' ? [{ kind: 'action', resource: 'deployment', action: 'create', durationMs: 12.5 }] : [];
  return {
    name,
    kind: 'step',
    status,
    startedAt: status === 'skipped' ? '' : midnight,
    durationMs: status === 'skipped' ? 0 : 25,
    findings: status === 'failed' || status === 'errored' ? [aFinding()] : [],
    measurements,
    notes: [],
    ...changes,
  };
}

export function aRun(suite: string, changes: Partial<RunResult> = {}): RunResult {
  const finishedAt = changes.finishedAt ?? midnight;
  return {
    id: `${suite}-1`,
    suite,
    namespace: `kubee2etests-${suite}`,
    trigger: 'schedule',
    status: 'passed',
    startedAt: finishedAt,
    finishedAt,
    durationMs: 1_250,
    steps: [aStep('Create Deployment'), aStep('Delete Deployment')],
    recovered: [],
    apiRequests: { total: 9, watches: 2, retries: 0 },
    ...changes,
  };
}

export function aFailedRun(suite: string, changes: Partial<RunResult> = {}): RunResult {
  const steps = [aStep('Create Deployment', 'failed'), aStep('Delete Deployment', 'skipped')];
  return aRun(suite, { status: 'failed', steps, ...changes });
}

/** Every event of a run, in the order in which run.ts sends them: none for the steps it never reached. */
export function eventsOf(result: RunResult): readonly RunEvent[] {
  const { id: run, suite, namespace, trigger, startedAt } = result;
  const reached = result.steps.filter(({ status }) => status !== 'skipped');
  const steps = reached.flatMap((step): RunEvent[] => [
    { type: 'step-started', run, suite, step: step.name, kind: step.kind, at: startedAt },
    { type: 'step-finished', run, suite, namespace, step },
  ]);
  const declared = result.steps.map((step) => step.name);
  return [
    { type: 'run-started', run, suite, namespace, trigger, at: startedAt, steps: declared },
    ...steps,
    { type: 'run-judged', result },
    { type: 'run-finished', result },
  ];
}

export function play(sink: Pick<Sink, 'record'>, ...results: readonly RunResult[]): void {
  for (const event of results.flatMap(eventsOf)) sink.record(event);
}

export function aSuite(name: string): Suite {
  return {
    name,
    description: `Proves ${name}`,
    steps: ['Create Deployment', 'Delete Deployment'],
    uses: [makes(configMap)],
    run: async () => {},
  };
}
