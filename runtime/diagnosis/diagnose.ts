import type { Diagnosis } from '../model/diagnosis.ts';
import type { RunResult } from '../model/result.ts';
import { cluesOf } from './clues.ts';
import { typeable } from './command.ts';
import { evidenceLines } from './evidence-lines.ts';
import { afterOutage } from './outage.ts';
import type { Clues, Rule } from './rule.ts';
import { apiServer } from './rules/api-server.ts';
import { mesh } from './rules/between-nodes.ts';
import { controllers } from './rules/controllers.ts';
import { disruption } from './rules/disruption.ts';
import { nodes } from './rules/kubelets.ts';
import { network } from './rules/network.ts';
import { owners } from './rules/owners.ts';
import { controlPlane } from './rules/plane.ts';
import { access } from './rules/refused.ts';
import { behindRoutes, edge } from './rules/routes.ts';
import { scheduling } from './rules/scheduling.ts';
import { endpoints } from './rules/service-endpoints.ts';
import { traces } from './rules/traces.ts';
import { workload } from './rules/workload.ts';

const named = (rules: readonly Rule[], name: string): Rule => rules.find((rule) => rule.name === name)!;
const others = (rules: readonly Rule[], ...names: readonly string[]) =>
  rules.filter(({ name }) => !names.includes(name));

/**
 * Every rule, in the order in which they are asked: who refused, who was not reached, who has not begun, who has begun
 * and not ended, whose work shows wrong. An earlier link of the chain explains what later ones lack.
 */
export const rules: readonly Rule[] = [
  ...disruption,
  ...access,
  named(nodes, 'kubelet/no-answer-for-logs'),
  ...apiServer,
  ...controlPlane,
  ...controllers,
  ...owners,
  named(scheduling, 'scheduler/silent'),
  ...others(workload, 'workload/never-ready', 'workload/ignores-sigterm'),
  ...others(nodes, 'kubelet/no-answer-for-logs'),
  named(workload, 'workload/ignores-sigterm'),
  ...others(scheduling, 'scheduler/silent'),
  named(workload, 'workload/never-ready'),
  ...behindRoutes,
  ...endpoints,
  ...mesh,
  ...network,
  ...edge,
  ...traces,
];

/**
 * What is broken, by the first rule that fits; undefined for a run that passed or was stopped. Pure. Never throws: a
 * defect of the rules must not cost the run its verdict or its clean-up.
 */
export function diagnoseRun(result: RunResult): Diagnosis | undefined {
  try {
    return diagnose(result);
  } catch (error) {
    return {
      component: 'unknown',
      confidence: 'possible',
      sentence: `The diagnosis itself failed: ${error instanceof Error ? error.message : error}.`,
      evidence: [],
      rule: 'none',
    };
  }
}

function diagnose(result: RunResult): Diagnosis | undefined {
  if (result.status === 'passed') return undefined;
  const clues = cluesOf(result);
  if (!clues || clues.first.code === 'run.aborted') return undefined;
  for (const rule of rules) {
    const answer = rule.read(clues);
    if (answer) return { ...typeable(afterOutage(answer, clues)), evidence: evidenceLines(clues), rule: rule.name };
  }
  return unknown(clues);
}

function unknown(clues: Clues): Diagnosis {
  const { first, run } = clues;
  return {
    component: 'unknown',
    confidence: 'possible',
    sentence: `No rule says which component it is: ${first.message.replace(/\.$/, '')}.`,
    evidence: evidenceLines(clues),
    ...(run.namespace && { command: `kubectl get events --sort-by=.lastTimestamp -n ${run.namespace}` }),
    rule: 'none',
  };
}
