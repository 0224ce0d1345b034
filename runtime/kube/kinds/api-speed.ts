/** How long requests take, and what it is that is slow. */
import { Defect } from '../../defects.ts';
import type { ClusterView } from './cluster-view.ts';
import { configMap } from './configmap.ts';
import { seconds } from './object-words.ts';

/**
 * Kubernetes promises it for 99 of 100: https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md
 * A machine that is busy for a moment takes longer, and so does whoever asks: where a change may take a minute, a request may take 5 s.
 */
const promisedMs = 1_000;
const shareOfPatience = 1 / 12;
const tries = 3;

type What = 'list' | 'read' | 'write' | 'dry run';

export class ApiSpeed {
  readonly #view: ClusterView;
  readonly #taken = new Map<What, number>();
  #slowMs = promisedMs;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** The quickest of its sort counts; one that was sent again says nothing. */
  async time<T>(what: What, act: () => Promise<T>): Promise<T> {
    const before = this.#view.calls.counts.retries;
    const began = performance.now();
    const value = await act();
    const tookMs = performance.now() - began;
    if (this.#view.calls.counts.retries === before)
      this.#taken.set(what, Math.min(tookMs, this.#taken.get(what) ?? Number.POSITIVE_INFINITY));
    return value;
  }

  /** Reads again where a read was slow, at last from the API server's memory. Raises api.slow. */
  async check(): Promise<void> {
    this.#slowMs = Math.max(promisedMs, this.#view.patience.leftMs * shareOfPatience);
    const limit = seconds(this.#slowMs);
    for (let tried = 1; tried < tries && this.#isSlow('read'); tried++) await this.#read();
    const all = [...this.#taken].map(([what, ms]) => `${what} ${Math.round(ms)} ms`);
    this.#view.scope.note(all.join(', '));
    if (!this.#isSlow('read') && !this.#isSlow('write')) return;
    const figures = `the quickest of each sort: ${all.join(', ')}`;
    if (!this.#isSlow('read') && this.#isSlow('dry run'))
      throw slow(`Admission is slow: what passes through it takes longer than ${limit}, reads do not; ${figures}`);
    const began = performance.now();
    await this.#memory();
    const cachedMs = performance.now() - began;
    const said = `${figures}, a list from the API server's memory ${Math.round(cachedMs)} ms`;
    throw slow(
      cachedMs <= this.#slowMs / 2
        ? `etcd is slow: what needs it takes longer than ${limit}; ${said}`
        : `The API server is slow: each request takes longer than ${limit}; ${said}`,
    );
  }

  #isSlow(what: What): boolean {
    return (this.#taken.get(what) ?? 0) > this.#slowMs;
  }

  /** Of an object that need not be there: the answer comes from etcd. */
  #read(): Promise<unknown> {
    const { api, namespace, objects } = this.#view;
    const place = { namespace, name: objects.deployment };
    const get = (signal: AbortSignal) => api.get(configMap.kind, place, signal);
    return this.time('read', () =>
      this.#view.call<unknown>(
        `get configmap/${objects.deployment}`,
        get,
        () => undefined,
        () => true,
      ),
    );
  }

  #memory(): Promise<unknown> {
    const { api, namespace } = this.#view;
    const query = { namespace, limit: 1, resourceVersion: '0' } as const;
    return this.#view.call('list ConfigMaps from memory', (signal) => api.list(configMap.kind, query, signal));
  }
}

function slow(message: string): Defect {
  return new Defect('api.slow', message);
}
