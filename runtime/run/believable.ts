import { Defect, findingsOf } from '../defects.ts';
import type { StepResult } from '../model/result.ts';
import type { Session } from '../model/session-contract.ts';
import type { Standstill } from './standstill.ts';

/** A process that was absent for so long cannot say what the cluster did not do meanwhile. */
const longestAbsenceMs = 4_000;

/**
 * The step's result, as far as this process can stand for it: the namespace is still ours, and a step that failed was watched
 * while it did. Else it is errored. `began`: the step's, by `performance.now()`.
 */
export async function believable(
  result: StepResult,
  session: Pick<Session, 'confirm'> | undefined,
  standstill: Standstill,
  began: number,
): Promise<StepResult> {
  const absentMs = standstill.longestSince(began);
  const doubt = await doubtOf(session, absentMs);
  if (doubt) return errored(result, doubt);
  if (result.status !== 'failed' || absentMs < longestAbsenceMs) return result;
  return errored(result, absence(absentMs, 'what did not happen in time may be its doing'));
}

async function doubtOf(session: Pick<Session, 'confirm'> | undefined, absentMs: number): Promise<unknown> {
  try {
    const isOurs = await session?.confirm();
    if (isOurs === false && absentMs >= longestAbsenceMs)
      return absence(absentMs, 'the API server does not say whether the namespace is still ours');
  } catch (error) {
    return error;
  }
  return undefined;
}

function absence(ms: number, why: string): Defect {
  return new Defect('run.aborted', `This process stood still for ${(ms / 1000).toFixed(1)} s during the step: ${why}`);
}

function errored(result: StepResult, error: unknown): StepResult {
  return { ...result, status: 'errored', findings: findingsOf(error) };
}
