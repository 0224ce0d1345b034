import type { Finding } from '../model/finding.ts';
import type { Session } from '../model/session-contract.ts';

/** Evidence belongs to the first thing that went wrong in a run, and is gathered once. */
export class FirstFailure {
  readonly #session: Session | undefined;
  /** Milliseconds that gathering took; undefined while nothing went wrong. */
  spentMs: number | undefined;

  constructor(session: Session | undefined) {
    this.#session = session;
  }

  /** The findings, the first one with what the objects show now, where it is the run's first. */
  async explain(findings: readonly Finding[]): Promise<readonly Finding[]> {
    const [first, ...rest] = findings;
    if (!first || this.spentMs !== undefined || first.code === 'run.aborted') return findings;
    this.spentMs = 0;
    const began = performance.now();
    const evidence = await this.#session?.evidence();
    this.spentMs = performance.now() - began;
    return evidence ? [{ ...first, evidence }, ...rest] : findings;
  }
}
