import { Defect } from './findings.ts';
import type { Managed } from './model.ts';
import type { Steps } from './steps.ts';

/**
 * What a run must remove, queued before its create is sent. Unwound in reverse after every end of a run, detached from
 * the run's own signal and on a budget of its own.
 */
export class CleanupStack {
  readonly #made: Managed<unknown>[] = [];

  push(managed: Managed<unknown>): void {
    this.#made.push(managed);
  }

  /** Records each removal that had something to do, or that failed. False: something is left for the next run. */
  async unwind(steps: Steps, budgetMs: number): Promise<boolean> {
    const own = new AbortController();
    const late = new Defect('k8s.not_deleted', `Not cleaned up within ${budgetMs / 1000} s`);
    const timer = setTimeout(() => own.abort(late), budgetMs);
    let clean = true;
    for (const managed of this.#made.toReversed()) {
      const name = `Clean up ${managed.ref.kind}/${managed.ref.name}`;
      const { result, value: removed } = await steps.take(
        name,
        'cleanup',
        () => managed.remove(own.signal),
        own.signal,
      );
      if (result.status !== 'passed') clean = false;
      if (result.status !== 'passed' || removed) steps.keep(result);
    }
    clearTimeout(timer);
    return clean;
  }
}
