/** A controller's work queue: each key at most once, a moment after it was added, and again some time after it failed. */
import type { Cluster } from '../cluster.ts';
import { report } from '../report.ts';

export interface Queue {
  add(key: string, delayMs?: number): void;
}

export function createQueue(cluster: Cluster, reconcile: (key: string) => void, delayMs: number): Queue {
  const waiting = new Map<string, { cancel: () => void; due: number }>();
  const add = (key: string, ms = delayMs): void => {
    const due = performance.now() + ms;
    const queued = waiting.get(key);
    if (queued && queued.due <= due) return;
    queued?.cancel();
    const cancel = cluster.timers.after(ms, () => {
      waiting.delete(key);
      try {
        reconcile(key);
      } catch (error) {
        report(error);
        add(key, cluster.timing.backOffMs);
      }
    });
    waiting.set(key, { cancel, due });
  };
  return { add };
}

export function keyOf(object: { metadata: { name: string; namespace?: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function atKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
