/** How many runs ended how, in buckets of fixed length: a ring of them that forgets the oldest. */
import type { Verdict } from '../model/result.ts';
import type { Tally } from '../model/service-level.ts';

const verdicts: readonly Verdict[] = ['passed', 'failed', 'errored', 'unsupported'];
const mostInBucket = 65_535;

/** passed, failed, errored, unsupported. */
export type Counts = readonly [number, number, number, number];

export interface Ring {
  readonly bucketMs: number;
  /** Instants are milliseconds since 1970. One that is older than the ring reaches is left out. */
  add(at: number, verdict: Verdict, by: 1 | -1): void;
  /** Of the buckets that have a part of the time from `from` to `to`, its end not included. */
  sum(from: number, to: number): Tally;
  /** The bucket that `at` falls into, as it is kept. */
  bucket(at: number): Counts;
  put(at: number, counts: Counts): void;
}

/** Buckets of so many side by side are kept together, and made when the first of them counts something. */
const together = 24;

/** Takes 8 bytes a bucket, for as many as there were since it began. A bucket counts up to 65,535 of each. */
export function createRing(bucketMs: number, size: number): Ring {
  const width = verdicts.length;
  const blocks = new Map<number, Uint16Array>();
  let newest = Number.NEGATIVE_INFINITY;
  const indexOf = (at: number) => Math.floor(at / bucketMs);
  const holds = (index: number) => index <= newest && index > newest - size;
  const blockOf = (index: number) => Math.floor(index / together);

  /** The four counts of a bucket, undefined where there are none. */
  function counts(index: number): Uint16Array | undefined {
    const start = (index - blockOf(index) * together) * width;
    return holds(index) ? blocks.get(blockOf(index))?.subarray(start, start + width) : undefined;
  }

  /** The same with room made for it; undefined where it is too old. */
  function room(index: number): Uint16Array | undefined {
    newest = Math.max(newest, index);
    if (!holds(index)) return undefined;
    const block = blockOf(index);
    if (!blocks.has(block)) blocks.set(block, new Uint16Array(together * width));
    for (const old of blocks.keys()) if (old < blockOf(newest - size + 1)) blocks.delete(old);
    return counts(index);
  }

  return {
    bucketMs,
    add(at, verdict, by) {
      const kept = room(indexOf(at));
      const column = verdicts.indexOf(verdict);
      if (kept) kept[column] = Math.min(mostInBucket, Math.max(0, kept[column]! + by));
    },
    sum(from, to) {
      const total = [0, 0, 0, 0];
      const first = Math.max(indexOf(from), newest - size + 1);
      const last = Math.min(Math.ceil(to / bucketMs) - 1, newest);
      for (let index = first; index <= last; index += 1)
        counts(index)?.forEach((count, column) => {
          total[column]! += count;
        });
      const [passed, failed, errored, unsupported] = total as [number, number, number, number];
      return { passed, failed, errored, unsupported };
    },
    bucket(at) {
      return [...(counts(indexOf(at)) ?? [0, 0, 0, 0])] as unknown as Counts;
    },
    put(at, given) {
      room(indexOf(at))?.set(given);
    },
  };
}
