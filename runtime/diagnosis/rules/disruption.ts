/** Who removes the test pods, where that is what keeps a suite from its verdict. */
import type { Component } from '../../model/diagnosis.ts';
import type { Answer, Rule } from '../rule.ts';

const removers: readonly {
  readonly words: RegExp;
  readonly component: Component;
  readonly part: string;
}[] = [
  { words: /preempted/, component: 'capacity', part: 'preemption' },
  { words: /kubelet/, component: 'capacity', part: 'node pressure' },
  { words: /NoExecute taint/, component: 'capacity', part: 'taints' },
  { words: /evict|drain|deschedul/, component: 'setup', part: 'eviction' },
  { words: /\bnode\b/, component: 'capacity', part: 'nodes' },
];

export const disruption: readonly Rule[] = [
  {
    name: 'disruption/pods-removed',
    seen: 'somebody else removed test pods during a step, and again when it was repeated',
    read: ({ findings, run }) => {
      const found = findings.find(({ code }) => code === 'k8s.pods_removed');
      if (!found) return undefined;
      const { component, part } = removers.find(({ words }) => words.test(found.message)) ?? {
        component: 'setup' as const,
        part: 'deletion',
      };
      const answer: Answer = {
        component,
        part,
        confidence: part === 'deletion' ? 'possible' : 'likely',
        sentence: `${found.message.replace(/\.$/, '')}.`,
        command: `kubectl get events --sort-by=.lastTimestamp -n ${run.namespace}`,
      };
      return answer;
    },
  },
];
