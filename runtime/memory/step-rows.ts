/** Steps of runs, here and elsewhere → rows of the table of all steps. Pure. */
import type { RunEvent } from '../model/event.ts';
import type { RunResult, StepResult, StepStatus } from '../model/result.ts';
import type { Detail, StepRow } from './rows.ts';

/** A step result from another process, as POST /update brings it. */
export interface RemoteStep {
  readonly name: string;
  readonly namespace: string;
  readonly passing: boolean;
  readonly details: readonly Detail[];
  /** When it ended, ISO 8601 UTC. An instant in the future counts as now. */
  readonly at: string;
  readonly suite?: string;
  readonly run?: string;
  readonly durationMs?: number;
  readonly status?: StepStatus;
}

/** `now` is when it was recorded, and when it ended. */
export function localRow(event: Omit<Extract<RunEvent, { type: 'step-finished' }>, 'type'>, now: string): StepRow {
  const { suite, namespace, run, step } = event;
  const { name, status, durationMs } = step;
  return {
    origin: 'local',
    suite,
    namespace,
    name,
    status,
    passing: status === 'passed',
    details: detailsOf(step),
    at: now,
    recordedAt: now,
    run,
    durationMs,
  };
}

function detailsOf(step: StepResult): readonly Detail[] {
  if (step.status === 'skipped') return [['Not reached: an earlier step ended the run', 1]];
  return step.findings.map(({ code, message, count }) => [`${code}: ${message}`, count]);
}

export function remoteRow(step: RemoteStep, now: string): StepRow {
  const status = step.status ?? (step.passing ? 'passed' : 'failed');
  const { suite = '', at, ...rest } = step;
  return { ...rest, origin: 'remote', suite, status, at: at < now ? at : now, recordedAt: now };
}

/** A step of a run that was reported whole, as POST /update would have brought it. */
export function reportedRow(
  { suite, namespace, id: run, finishedAt }: RunResult,
  step: StepResult,
  now: string,
): StepRow {
  const { name, status, durationMs, startedAt } = step;
  const at = startedAt ? new Date(Date.parse(startedAt) + durationMs).toISOString() : finishedAt;
  const reported = {
    name,
    namespace,
    passing: status === 'passed',
    details: detailsOf(step),
    at,
    suite,
    run,
    durationMs,
    status,
  };
  return remoteRow(reported, now);
}

/** Merges two lists that are each newest first. */
export function byRecordedAt(left: readonly StepRow[], right: readonly StepRow[]): readonly StepRow[] {
  const merged: StepRow[] = [];
  let next = 0;
  for (const row of left) {
    while (right[next] && right[next]!.recordedAt > row.recordedAt) merged.push(right[next++]!);
    merged.push(row);
  }
  return merged.concat(right.slice(next));
}
