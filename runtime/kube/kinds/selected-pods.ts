/** Pods by their labels, whoever owns them: what a suite sees of a kind that has no room. */
import type { PodView } from '../../model/evidence.ts';
import type { Findable } from '../../model/resource.ts';
import { readLogs } from './logs.ts';
import { viewOf } from './managed.ts';
import { selectorText } from './pod.ts';
import { all, hasEnded, isReady, isScheduled } from './pod-conditions.ts';
import { TestPods } from './pods.ts';

export interface PodsHandle {
  /** A fresh LIST. */
  list(): Promise<readonly PodView[]>;
  /** Waits until as many have a node. Raises timeout.events, k8s.pod_failed. */
  scheduled(count: number): Promise<readonly PodView[]>;
  /** Waits until as many are Ready, and there are no others. Raises timeout.waiting_on_phase, k8s.pod_failed. */
  ready(count: number): Promise<readonly PodView[]>;
  /** Waits until as many have ended well. Raises timeout.waiting_on_phase, k8s.pod_failed. */
  succeeded(count: number): Promise<readonly PodView[]>;
  /** Waits until none is left. Raises k8s.not_deleted. */
  gone(): Promise<void>;
  /** Name → newest log lines of each, of its first container or the one named. Raises k8s.log_incorrect, api.*. */
  logs(pods: readonly PodView[], container?: string): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** The pods with these labels in the run's namespace; for `t.find`. Their owner's kind, declared in `uses`, brings the rights. */
export function pods(labels: Readonly<Record<string, string>>): Findable<PodsHandle> {
  return {
    find(session) {
      const view = viewOf(session);
      const seen = new TestPods(view, `pods with ${selectorText(labels)}`, labels, 0);
      return {
        list: () => seen.list(),
        scheduled: (count) => seen.until(all(count, 'scheduled', isScheduled), `${count} scheduled`, 'timeout.events'),
        ready: (count) => seen.until(all(count, 'Ready', isReady), `${count} Ready`, 'timeout.waiting_on_phase'),
        succeeded: (count) => seen.until(ended(count), `${count} ended well`, 'timeout.waiting_on_phase'),
        gone: () => seen.gone(),
        logs: (now, container) => readLogs(view, now, container),
      };
    },
  };
}

function ended(count: number) {
  return (now: readonly PodView[]) => {
    const good = now.filter(({ phase }) => phase === 'Succeeded');
    if (good.length >= count) return { done: true, value: good } as const;
    const bad = now.filter((pod) => hasEnded(pod) && pod.phase === 'Failed').map(({ name }) => `${name} failed`);
    return { done: false, why: [`${good.length} of ${count} ended well`, ...bad].join('; ') } as const;
  };
}
