import { Defect } from '../defects.ts';
import type { RunEvent } from '../model/event.ts';
import type { Runner, StartOutcome } from '../model/outcome.ts';
import type { RunResult, TriggerKind } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import { needsApi } from '../uses.ts';
import type { RunParts } from './order.ts';
import { executeRun } from './run.ts';

export interface RunnerParts {
  namespaceOf(suite: string): string;
  /** What runs work with; a run that is asked for earlier waits for it. */
  connected(): Promise<RunParts>;
  record(event: RunEvent): void;
}

interface ActiveRun {
  readonly id: string;
  readonly since: string;
  readonly judged: Promise<RunResult>;
  readonly finished: Promise<RunResult>;
}

/** May it start? One run per suite (a second call joins it), one at a time per namespace, none while shutting down. */
export function createRunner(parts: RunnerParts): Runner {
  const active = new Map<string, ActiveRun>();
  const queues = new Map<string, Promise<unknown>>();
  const stop = new AbortController();
  let isClosing = false;

  /** Waits for its turn in the namespace; suites that need none have no queue. */
  const inTurn = async <T>(suite: Suite, work: () => Promise<T>): Promise<T> => {
    if (!needsApi(suite.uses)) return work();
    const namespace = parts.namespaceOf(suite.name);
    const before = queues.get(namespace) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    queues.set(namespace, settled);
    void settled.then(() => queues.get(namespace) === settled && queues.delete(namespace));
    return mine;
  };

  const launch = (suite: Suite, trigger: TriggerKind): ActiveRun => {
    const id = newRunId();
    const judged = Promise.withResolvers<RunResult>();
    const namespace = needsApi(suite.uses) ? parts.namespaceOf(suite.name) : '';
    const order = { id, suite, trigger, namespace, stop: stop.signal };
    const finished = inTurn(suite, async () => executeRun(order, await parts.connected(), judged.resolve)).then(
      (result) => {
        active.delete(suite.name);
        parts.record({ type: 'run-finished', result });
        return result;
      },
    );
    finished.catch((error) => {
      active.delete(suite.name);
      judged.reject(error);
    });
    // Whoever asked handles the rejection; a caller that does not wait must not bring the process down.
    judged.promise.catch(() => undefined);
    return { id, since: new Date().toISOString(), judged: judged.promise, finished };
  };

  return {
    start(suite, trigger): StartOutcome {
      if (isClosing) return { kind: 'closing' };
      const known = active.get(suite.name);
      if (known) return { kind: 'run', id: known.id, joined: true, judged: known.judged, finished: known.finished };
      const run = launch(suite, trigger);
      active.set(suite.name, run);
      return { kind: 'run', id: run.id, joined: false, judged: run.judged, finished: run.finished };
    },
    get active() {
      return [...active].map(([suite, { id, since }]) => ({ suite, run: id, since }));
    },
    async close(graceMs = 0) {
      isClosing = true;
      const abort = () => stop.abort(new Defect('run.aborted', 'This process shuts down'));
      const timer = graceMs > 0 ? setTimeout(abort, graceMs) : abort();
      await Promise.allSettled([...active.values()].map(({ finished }) => finished));
      clearTimeout(timer ?? undefined);
    },
  };
}

/** Sortable by time, unique enough for a label: base-36 milliseconds, then four random characters. */
function newRunId(): string {
  const random = Math.floor(Math.random() * 36 ** 4);
  return `${Date.now().toString(36)}${random.toString(36).padStart(4, '0')}`;
}
