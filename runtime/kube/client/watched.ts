import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Calls } from './calls.ts';
import { failureOf } from './errors.ts';

export interface WatchSource<T extends KubernetesObject> {
  /** For people: "pods of deployment/web". */
  readonly what: string;
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** A LIST with the same selectors, quorum read, bounded by the caller's patience. */
  list(): Promise<{ items: readonly T[]; resourceVersion: string }>;
  /** Called at every change, whether something waits or not. */
  changed?(objects: readonly T[]): void;
}

/** How a look at the objects comes out: done, or why not yet, in words for the page. */
export type Look<R> = { readonly done: true; readonly value: R } | { readonly done: false; readonly why: string };

export interface Wait<T, R> {
  look(objects: readonly T[]): Look<R>;
  /** The error to throw once patience is over. */
  timedOut(objects: readonly T[], why: string): Error | Promise<Error>;
}

const reopenMs = 100;
const showAgainMs = 5_000;
const longestReopenMs = 2_000;

/** The part of the client library's Watch that is needed: the types of the door do not reach behind it. */
export interface Watcher {
  watch<T>(
    path: string,
    query: Record<string, string | number | boolean | undefined>,
    event: (type: string, object: T) => void,
    done: (error: unknown) => void,
  ): Promise<AbortController>;
}

/**
 * The objects of one kind and selector, held by uid, from LIST + WATCH.
 *
 * A watch that ends, a dropped connection, 410 Gone, 30 s of silence (the client library ends it then) and errors are
 * normal life: it lists again and goes on. No verdict
 * comes from stale state: before a wait gives up, it lists once more.
 */
export class Watched<T extends KubernetesObject> {
  readonly #watch: Watcher;
  readonly #calls: Calls;
  readonly #source: WatchSource<T>;
  readonly #stop: AbortController;
  readonly #objects = new Map<string, T>();
  readonly #changed = new Set<() => void>();
  #version = '';
  #running = false;
  #connection: AbortController | undefined;

  constructor(watch: Watcher, calls: Calls, source: WatchSource<T>, run: AbortSignal) {
    this.#watch = watch;
    this.#calls = calls;
    this.#source = source;
    this.#stop = new AbortController();
    run.addEventListener('abort', () => this.stop(), { once: true, signal: this.#stop.signal });
    if (run.aborted) this.stop();
  }

  get objects(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Begins from objects known already, such as the reply to a create or an earlier LIST; else from a LIST. */
  async start(known?: { items: readonly T[]; resourceVersion: string }): Promise<void> {
    if (this.#running) return;
    if (known) this.#replace(known.items, known.resourceVersion);
    else if (!this.#version) await this.relist();
    this.#running = true;
    void this.#follow();
  }

  async relist(): Promise<readonly T[]> {
    const before = this.#version;
    const { items, resourceVersion } = await this.#source.list();
    // An event came while it was listed: which of the two is newer nobody knows. The watch tells again from the list on.
    const overtaken = this.#version !== before;
    this.#replace(items, resourceVersion);
    if (overtaken) this.#connection?.abort();
    return this.objects;
  }

  stop(): void {
    this.#stop.abort();
    this.#connection?.abort();
  }

  /** Looks at every change until done or `patienceMs` is over. Raises what `wait.timedOut` makes, or the signal's reason. */
  async until<R>(wait: Wait<T, R>, patienceMs: number, signal: AbortSignal, tell: (why: string) => void): Promise<R> {
    const seen = await this.#lookUntil(wait, patienceMs, signal, tell);
    if (seen.done) return seen.value;
    const last = wait.look(await this.relist());
    if (last.done) return last.value;
    throw await wait.timedOut(this.objects, last.why);
  }

  #lookUntil<R>(
    wait: Wait<T, R>,
    patienceMs: number,
    signal: AbortSignal,
    tell: (why: string) => void,
  ): Promise<Look<R>> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        clearInterval(again);
        this.#changed.delete(look);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const look = () => {
        try {
          const seen = wait.look(this.objects);
          if (seen.done) end(() => resolve(seen));
          else tell(seen.why);
        } catch (error) {
          end(() => reject(error));
        }
      };
      const abort = () => end(() => reject(signal.reason));
      const timer = setTimeout(() => end(() => resolve({ done: false, why: 'time is over' })), Math.max(0, patienceMs));
      // On a cluster that stands still nothing changes but the ages in what is told.
      const again = setInterval(look, showAgainMs);
      this.#changed.add(look);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else look();
    });
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for (let waitMs = reopenMs; !signal.aborted; ) {
      const began = performance.now();
      const end = await this.#open();
      if (signal.aborted) return;
      // A watch that lived for a while and ended is the server's habit; one that ends at once is trouble: slow down.
      waitMs = performance.now() - began > 1000 ? reopenMs : Math.min(waitMs * 2, longestReopenMs);
      try {
        await pause(waitMs, undefined, { signal });
        if (end === 'list-again') await this.relist();
      } catch {
        // The wait that needs this watch lists by itself before it gives up, and reports what that list says.
      }
    }
  }

  /** One watch connection. Resolves when it is over with what to do next. */
  #open(): Promise<'go-on' | 'list-again'> {
    return new Promise((resolve) => {
      const { signal } = this.#stop;
      let gone = false;
      let isOpen = false;
      let isOurEnd = () => signal.aborted;
      const query = {
        resourceVersion: this.#version,
        allowWatchBookmarks: true,
        labelSelector: this.#source.labelSelector,
        fieldSelector: this.#source.fieldSelector,
      };
      const done = (error: unknown) => {
        const isCut = error && !isOurEnd();
        if (isCut && !isSilence(error)) {
          this.#calls.noteFailure(`watch ${this.#source.what}`, failureOf(error), isOpen);
        }
        resolve(gone || isCut ? 'list-again' : 'go-on');
      };
      this.#calls.countWatch();
      this.#watch
        .watch(
          this.#source.path,
          query,
          (type: string, object: T) => {
            if (type === 'ERROR') gone = true;
            else this.#apply(type, object);
          },
          done,
        )
        .then((controller) => {
          isOpen = true;
          this.#connection = controller;
          isOurEnd = () => controller.signal.aborted;
          if (signal.aborted) controller.abort();
        }, done);
    });
  }

  #replace(items: readonly T[], resourceVersion: string): void {
    this.#objects.clear();
    for (const item of items) this.#objects.set(item.metadata?.uid ?? '', item);
    this.#version = resourceVersion;
    this.#notify();
  }

  #apply(type: string, object: T): void {
    this.#version = object.metadata?.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    const uid = object.metadata?.uid ?? '';
    if (type === 'DELETED') this.#objects.delete(uid);
    else this.#objects.set(uid, object);
    this.#notify();
  }

  #notify(): void {
    this.#source.changed?.(this.objects);
    for (const look of [...this.#changed]) look();
  }
}

/** The client library ends a watch that was silent for 30 s; on a quiet cluster that is no news. */
function isSilence(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
