import { Defect } from '../defects.ts';
import type { Created } from '../model/resource.ts';
import type { StepStatus } from '../model/result.ts';
import type { Steps } from './steps.ts';

/** A stopping process has 30 s in all: giving the lock back takes up to 5 of them, the figures as many. */
export const longestCleanupMs = 16_000;

/**
 * What a run must remove, queued before its create is sent. Unwound in reverse after every end of a run, detached from
 * the run's own signal and on a budget of its own.
 */
export class CleanupStack {
  readonly #made: Created<unknown>[] = [];

  push(managed: Created<unknown>): void {
    this.#made.push(managed);
  }

  /**
   * Records each removal that had something to do, or that failed. Each may take its share of the time that is left, so
   * that one that hangs does not keep the others from being sent. False: something is left for the next run.
   */
  async unwind(steps: Steps, budgetMs: number): Promise<boolean> {
    const began = performance.now();
    let clean = true;
    for (const [index, managed] of this.#made.toReversed().entries()) {
      const leftMs = budgetMs - (performance.now() - began);
      const result = await remove(managed, steps, leftMs / (this.#made.length - index));
      if (result !== 'passed') clean = false;
    }
    return clean;
  }
}

async function remove(managed: Created<unknown>, steps: Steps, limitMs: number): Promise<StepStatus> {
  const { signal, end } = lasting(limitMs);
  const name = `Clean up ${managed.ref.kind}/${managed.ref.name}`;
  const { result, value: removed } = await steps.take(name, 'cleanup', () => managed.remove(signal), signal);
  end();
  if (result.status !== 'passed' || removed) steps.keep(result);
  return result.status;
}

function lasting(limitMs: number): { signal: AbortSignal; end(): void } {
  const own = new AbortController();
  const late = new Defect('k8s.not_deleted', `Not cleaned up within ${(limitMs / 1000).toFixed(1)} s`);
  const timer = setTimeout(() => own.abort(late), Math.max(1, limitMs));
  return { signal: own.signal, end: () => clearTimeout(timer) };
}

/**
 * How long a clean-up may take. What a red run spends after its wait comes off it: the last look (at most 5 s, half of a
 * deadline), the return of the lock (5 s, a quarter) and the evidence; `evidenceMs` is undefined for a run that found nothing.
 */
export function cleanupBudgetMs(eventTimeoutMs: number, evidenceMs: number | undefined): number {
  const budgetMs = Math.min(longestCleanupMs, eventTimeoutMs);
  if (evidenceMs === undefined) return budgetMs;
  const spentMs = Math.min(5_000, eventTimeoutMs / 2) + Math.min(5_000, eventTimeoutMs / 4) + evidenceMs;
  return Math.max(budgetMs / 8, budgetMs - spentMs);
}
