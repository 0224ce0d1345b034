/** A controller's work queue: each key at most once, a moment after it was added. */
import type { Cluster } from '../cluster.ts';

export interface Queue {
  add(key: string, delayMs?: number): void;
}

export function createQueue(cluster: Cluster, reconcile: (key: string) => void, delayMs: number): Queue {
  const waiting = new Map<string, { cancel: () => void; due: number }>();
  return {
    add: (key, ms = delayMs) => {
      const due = performance.now() + ms;
      const queued = waiting.get(key);
      if (queued && queued.due <= due) return;
      queued?.cancel();
      const cancel = cluster.timers.after(ms, () => {
        waiting.delete(key);
        reconcile(key);
      });
      waiting.set(key, { cancel, due });
    },
  };
}

export function keyOf(object: { metadata: { name: string; namespace?: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function atKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
