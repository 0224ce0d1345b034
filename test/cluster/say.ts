import assert from 'node:assert/strict';
import type { FindingCode } from '../../runtime/findings.ts';
import type { RunResult, StepResult } from '../../runtime/model/result.ts';

/** One line for the test's log: verdict, durations, and what was wrong. */
export function describeRun({ suite, status, durationMs, apiRequests, recovered, steps }: RunResult): string {
  const wrong = steps.filter((step) => step.findings.length > 0).map(describeStep);
  const slowest = steps.toSorted((a, b) => b.durationMs - a.durationMs)[0];
  const found = recovered.map(({ kind, name }) => `${kind}/${name}`);
  return [
    `${suite} ${status} in ${seconds(durationMs)} (${slowest?.name} ${seconds(slowest?.durationMs ?? 0)}), ${apiRequests.total} requests (${apiRequests.watches} watches, ${apiRequests.retries} retries)`,
    ...(found.length > 0 ? [`recovered ${found.join(', ')}`] : []),
    ...wrong,
  ].join('\n    ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function describeStep({ name, status, findings }: StepResult): string {
  return `${status} ${name}: ${findings.map(({ code, message }) => `${code} ${message}`).join(' | ')}`;
}

/** Every run passed; else the message shows what each of the others found. */
export function assertPassed(results: Iterable<RunResult>): void {
  const others = [...results].filter(({ status }) => status !== 'passed');
  assert.equal(others.length, 0, others.map(describeRun).join('\n'));
}

/** The run failed first at that step, with that finding. */
export function assertFailedAt(result: RunResult | undefined, step: string, ...codes: FindingCode[]): void {
  assert.ok(result);
  const seen = describeRun(result);
  assert.equal(result.status, 'failed', seen);
  const first = result.steps.find(({ status }) => status === 'failed' || status === 'errored');
  assert.equal(first?.name, step, seen);
  assert.ok(codes.includes(first?.findings[0]?.code as FindingCode), seen);
}
