/** From findings to verdicts. Pure; `failed` and `errored` are told apart here and nowhere else. */
import type { Finding } from '../model/finding.ts';
import type { Judgement, StepResult } from '../model/result.ts';

/** A finding about the cluster makes it `failed`, whatever else was found; findings about us alone make it `errored`. */
export function statusOf(findings: readonly Finding[]): Judgement {
  if (findings.some(({ blame }) => blame === 'cluster')) return 'failed';
  return findings.length > 0 ? 'errored' : 'passed';
}

/** The run's verdict: of the suite's steps and what came before them. Clean-up does not change it. */
export function judge(steps: readonly StepResult[]): Judgement {
  return statusOf(steps.filter(({ kind }) => kind !== 'cleanup').flatMap(({ findings }) => findings));
}

/** The steps that ran, with the declared ones that were never reached put in as `skipped` before the clean-up. */
export function withSkipped(ran: readonly StepResult[], declared: readonly string[]): readonly StepResult[] {
  const names = new Set(ran.map(({ name }) => name));
  const skipped = declared
    .filter((name) => !names.has(name))
    .map(
      (name): StepResult => ({
        name,
        kind: 'step',
        status: 'skipped',
        startedAt: '',
        durationMs: 0,
        findings: [],
        measurements: [],
        notes: [],
      }),
    );
  const isCleanup = ({ kind }: StepResult) => kind === 'cleanup';
  return [...ran.filter((step) => !isCleanup(step)), ...skipped, ...ran.filter(isCleanup)];
}
