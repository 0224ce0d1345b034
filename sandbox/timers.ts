import type { FailureLog } from './failures.ts';

/** Every timer of the sandbox, so that close() can end them all. What throws in one ends neither it nor the process. */
export interface Timers {
  /** Runs once after `ms`; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
  /** Runs each `ms` until closed. */
  every(ms: number, run: () => void): () => void;
  close(): void;
}

/** Node runs a timer with a longer delay after 1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longestMs = 2 ** 31 - 1;

export function createTimers(failed: FailureLog): Timers {
  const running = new Set<NodeJS.Timeout>();
  let closed = false;
  const end = (timer: NodeJS.Timeout) => {
    clearTimeout(timer);
    running.delete(timer);
  };
  const guarded = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      failed(error);
    }
  };
  return {
    after: (ms, run) => {
      if (closed) return () => {};
      const timer = setTimeout(
        () => {
          running.delete(timer);
          guarded(run);
        },
        Math.min(ms, longestMs),
      );
      running.add(timer);
      return () => end(timer);
    },
    every: (ms, run) => {
      if (closed) return () => {};
      const timer = setInterval(() => guarded(run), Math.min(ms, longestMs));
      running.add(timer);
      return () => end(timer);
    },
    close: () => {
      closed = true;
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
