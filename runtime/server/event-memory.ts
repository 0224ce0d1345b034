import { withoutEvidence } from '../memory/packing.ts';
import type { RunResult } from '../model/result.ts';
import type { EventIdentity } from './cloud-event.ts';

/** A run that was started or joined. */
export interface Started {
  readonly id: string;
  readonly joined: boolean;
  readonly finished: Promise<RunResult>;
}

export interface EventMemory {
  /** The run that this event started; `start` is called when it has not started one yet, and may find that it cannot. */
  once(suite: string, event: EventIdentity, start: () => Started | undefined): Started | undefined;
}

/**
 * A repeated event gets the first one's result and never a second run, as long as it is among the last `capacity`.
 * An event that started nothing, since another process held the namespace, may try again. Evidence is not kept.
 */
export function createEventMemory(capacity = 1_000): EventMemory {
  const known = new Map<string, Started>();
  return {
    once(suite, { source, id }, start) {
      const key = JSON.stringify([suite, source, id]);
      const before = known.get(key);
      if (before) return before;
      const started = start();
      if (!started) return undefined;
      known.set(key, started);
      if (known.size > capacity) known.delete(known.keys().next().value!);
      started.finished.then(
        (result) => known.has(key) && known.set(key, { ...started, finished: small(result) }),
        () => known.delete(key),
      );
      return started;
    },
  };
}

async function small(result: RunResult): Promise<RunResult> {
  return withoutEvidence(result);
}
