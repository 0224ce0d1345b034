/** What the API server says of itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { Defect } from '../../defects.ts';
import { defectOf } from '../client/errors.ts';
import type { Readiness } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { seconds } from './object-words.ts';

/** A change of etcd's leader takes a second or two. */
const longestMs = 5_000;
const lookAgainMs = 500;

export class ApiReadiness {
  readonly #view: ClusterView;
  #aheadMs: number | undefined;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** Milliseconds by which its clock is ahead of ours; a reply says whole seconds. Undefined: it says none. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  /** Milliseconds since then, by its clock; an instant that nobody told is long ago. */
  ageMs(instantMs: number | undefined): number {
    return instantMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + (this.#aheadMs ?? 0) - instantMs;
  }

  /** Asks once where it is ready; else again and again for 5 s: /readyz has no watch. Raises api.not_ready. */
  async check(): Promise<void> {
    const { patience, scope } = this.#view;
    const limitMs = Math.min(longestMs, patience.leftMs / 4);
    for (;;) {
      const asked = await this.#ask();
      if (!asked || asked.failed.length === 0) return;
      const { spentMs } = patience;
      if (spentMs + lookAgainMs > limitMs)
        throw new Defect('api.not_ready', `The API server says for ${seconds(spentMs)}: ${unready(asked.failed)}`);
      await pause(lookAgainMs, undefined, { signal: scope.signal });
    }
  }

  /** Undefined: it does not tell us. */
  async #ask(): Promise<Readiness | undefined> {
    const { api, scope } = this.#view;
    let sentAt = 0;
    const readiness = await this.#view.call<Readiness | undefined>(
      'get /readyz',
      (signal) => {
        sentAt = Date.now();
        return api.readiness(signal);
      },
      (failure) => {
        if (failure.status !== 403 && failure.status !== 404) throw defectOf(failure, 'get /readyz', 0);
        scope.note(`Not looked at: /readyz answers ${failure.status}`);
        return undefined;
      },
    );
    const said = Date.parse(readiness?.date ?? '');
    // The header is cut to whole seconds, and was written somewhere between the request and now.
    if (!Number.isNaN(said)) this.#aheadMs = said + 500 - (sentAt + Date.now()) / 2;
    return readiness;
  }
}

/** In words. */
export function unready(failed: readonly string[]): string {
  return `not ready: ${failed.join(', ')}`;
}
