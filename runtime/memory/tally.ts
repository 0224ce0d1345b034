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

/** Takes 8 bytes a bucket. A bucket counts up to 65,535 of each. */
export function createRing(bucketMs: number, size: number): Ring {
  const width = verdicts.length;
  const counts = new Uint16Array(size * width);
  let newest = Number.NEGATIVE_INFINITY;
  const indexOf = (at: number) => Math.floor(at / bucketMs);
  const holds = (index: number) => index <= newest && index > newest - size;
  const startOf = (index: number) => (index % size) * width;

  /** Makes room for a bucket; false where it is too old. */
  function reach(index: number): boolean {
    if (index > newest) {
      for (let next = Math.max(newest + 1, index - size + 1); next <= index; next += 1)
        counts.fill(0, startOf(next), startOf(next) + width);
      newest = index;
    }
    return holds(index);
  }

  return {
    bucketMs,
    add(at, verdict, by) {
      const index = indexOf(at);
      if (!reach(index)) return;
      const place = startOf(index) + verdicts.indexOf(verdict);
      counts[place] = Math.min(mostInBucket, Math.max(0, counts[place]! + by));
    },
    sum(from, to) {
      const total = [0, 0, 0, 0];
      const first = Math.max(indexOf(from), newest - size + 1);
      const last = Math.min(Math.ceil(to / bucketMs) - 1, newest);
      for (let index = first; index <= last; index += 1) {
        const start = startOf(index);
        for (let column = 0; column < width; column += 1) total[column]! += counts[start + column]!;
      }
      const [passed, failed, errored, unsupported] = total as [number, number, number, number];
      return { passed, failed, errored, unsupported };
    },
    bucket(at) {
      const index = indexOf(at);
      const start = startOf(index);
      return holds(index) ? ([...counts.subarray(start, start + width)] as unknown as Counts) : [0, 0, 0, 0];
    },
    put(at, given) {
      const index = indexOf(at);
      if (reach(index)) counts.set(given, startOf(index));
    },
  };
}
