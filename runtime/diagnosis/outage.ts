import type { Component } from '../model/diagnosis.ts';
import type { Answer, Clues } from './rule.ts';

/** They work by watching the API server, and need a while to come back to one that went away. */
const dependents = new Set<Component>([
  'controller-manager',
  'scheduler',
  'kubelet',
  'kube-proxy',
  'dns',
  'ingress-controller',
  'node-network',
  'storage',
]);
/** The longest that was seen until the last of them was back. */
const returnMs = 40_000;

/** Whoever waits for an API server that has just been away is not to blame for sure: what the rule says, with that before it. */
export function afterOutage(answer: Answer, { evidence, waited }: Clues): Answer {
  const { outage } = evidence;
  if (!outage || !waited || !dependents.has(answer.component)) return answer;
  const who = answer.part ? `${answer.component} (${answer.part})` : answer.component;
  const what = outage.until
    ? `restarted at ${clock(outage.until)}`
    : `went away at ${clock(outage.from)} (${outage.by})`;
  const isSoon = !outage.until || Date.parse(evidence.at) - Date.parse(outage.until) < returnMs;
  return {
    ...answer,
    confidence: isSoon || answer.confidence === 'possible' ? 'possible' : 'likely',
    sentence: `API server ${what}, ${who} has not come back since: ${answer.sentence}`,
  };
}

function clock(instant: string): string {
  return `${instant.slice(11, 19)} UTC`;
}
