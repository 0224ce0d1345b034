/** A suite runs the steps that it declares, each of them and no others. */
import { Defect } from '../defects.ts';
import type { StepKind, StepResult } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';

export function refuseUndeclared(suite: Suite, name: string, kind: StepKind): void {
  const own = kind === 'recovery' || kind === 'cleanup' || name === 'Suite';
  if (own || suite.steps.includes(name)) return;
  throw new Defect('run.defect', `Suite ${suite.name} runs a step that it does not declare: ${name}`);
}

export function missedSteps(suite: Suite, results: readonly StepResult[]): Defect | undefined {
  const ran = new Set(results.map(({ name }) => name));
  const missed = suite.steps.filter((name) => !ran.has(name));
  if (missed.length === 0) return undefined;
  return new Defect('run.defect', `Suite ${suite.name} declares steps that it never ran: ${missed.join(', ')}`);
}
