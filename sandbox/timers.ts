import { report } from './report.ts';

/** Node's timers take no more, and turn a longer delay into 1 ms. */
const longestMs = 2 ** 31 - 1;

/** Every timer of the sandbox, so that close() can end them all. What throws in one ends neither the process nor the others. */
export interface Timers {
  /** Runs once after `ms`; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
  /** Runs each `ms` until closed. */
  every(ms: number, run: () => void): () => void;
  close(): void;
}

export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  let closed = false;
  const end = (timer: NodeJS.Timeout) => {
    clearTimeout(timer);
    running.delete(timer);
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
      const timer = setInterval(guarded, Math.min(ms, longestMs), run);
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

function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    report(error);
  }
}
