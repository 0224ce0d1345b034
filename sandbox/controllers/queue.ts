/** A controller's work queue: each key at most once, a moment after it was added; what threw is tried again, later each time. */
import type { Cluster } from '../cluster.ts';

export interface Queue {
  add(key: string, delayMs?: number): void;
}

const longestBackOffMs = 30_000;

export function createQueue(cluster: Cluster, reconcile: (key: string) => void, delayMs: number): Queue {
  const waiting = new Map<string, { cancel: () => void; due: number }>();
  const failures = new Map<string, number>();
  const work = (key: string): void => {
    waiting.delete(key);
    try {
      reconcile(key);
      failures.delete(key);
    } catch (error) {
      cluster.failed(error);
      const before = failures.get(key) ?? 0;
      failures.set(key, before + 1);
      add(key, Math.min(cluster.timing.backOffMs * 2 ** before, longestBackOffMs));
    }
  };
  const add = (key: string, ms = delayMs): void => {
    const due = performance.now() + ms;
    const queued = waiting.get(key);
    if (queued && queued.due <= due) return;
    queued?.cancel();
    waiting.set(key, { cancel: cluster.timers.after(ms, () => work(key)), due });
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
