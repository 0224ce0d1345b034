/** Controllers of kinds that have no view of their own, by whether they have looked at their object. */
import type { Rule } from '../rule.ts';

export const owners: readonly Rule[] = [
  {
    name: 'controller-manager/object-not-observed',
    seen: 'the observedGeneration of a DaemonSet, a StatefulSet or the like is behind its generation when the wait ends',
    read: (clues) => {
      const ignored = clues.evidence.objects?.find(({ isObserved }) => isObserved === false);
      if (!clues.waited || !ignored) return undefined;
      const { kind, name, state } = ignored;
      return {
        component: 'controller-manager',
        part: kind,
        confidence: 'certain',
        sentence: `The ${kind} controller has not looked at ${kind}/${name}: ${state}.`,
        command: 'kubectl get pods -n kube-system -l component=kube-controller-manager',
      };
    },
  },
];
