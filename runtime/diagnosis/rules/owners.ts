/** Controllers of kinds that have no view of their own, by whether they have looked at their object. */
import type { Rule } from '../rule.ts';

const logs = 'kubectl get pods -n kube-system -l component=kube-controller-manager';

export const owners: readonly Rule[] = [
  {
    name: 'controller-manager/budget-stale',
    seen: 'the status of a PodDisruptionBudget does not follow its pods, which are Ready',
    read: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'k8s.budget_stale');
      if (!found) return undefined;
      return {
        component: 'controller-manager',
        part: 'disruption',
        confidence: 'certain',
        sentence: `The disruption controller does not keep up a budget, and drains hang: ${found.message.replace(/\.$/, '')}.`,
        command: logs,
      };
    },
  },
  {
    name: 'controller-manager/cron',
    seen: 'a CronJob does not fire at the full minute, fires twice, or fires although it is suspended',
    read: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'k8s.cron_missed' || code === 'k8s.cron_wrong');
      if (!found) return undefined;
      return {
        component: 'controller-manager',
        part: 'cronjob',
        confidence: 'certain',
        sentence: `The CronJob controller does not do what schedules say: ${found.message.replace(/\.$/, '')}.`,
        command: logs,
      };
    },
  },
  {
    name: 'api-server/eviction-wrong',
    seen: 'an eviction is done beyond its budget, or refused within it',
    read: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'k8s.eviction_wrong');
      if (!found) return undefined;
      return {
        component: 'api-server',
        part: 'eviction',
        confidence: 'likely',
        sentence: `The API server's evictions and their budget do not agree: ${found.message.replace(/\.$/, '')}.`,
        command: 'kubectl get poddisruptionbudgets -A',
      };
    },
  },
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
        command: logs,
      };
    },
  },
];
