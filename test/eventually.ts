import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until it holds; fails with what it saw last. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
): Promise<T> {
  for (const began = performance.now(); ; await pause(200)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() - began > limitMs)
      throw new Error(`${what}: not after ${limitMs / 1000} s, but ${JSON.stringify(seen)?.slice(0, 2000)}`);
  }
}
