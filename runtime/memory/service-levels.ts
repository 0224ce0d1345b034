/**
 * Availability of every suite: passed of passed and failed runs. An errored run could not judge, an unsupported one has nothing to judge, and a
 * suite that does not run has no runs: none of them counts, neither as good nor as bad.
 *
 * Bound: 8.6 KB for each suite that has run for 30 days, however often it runs; a few hundred bytes on its first day.
 */
import type { Verdict } from '../model/result.ts';
import type { Day, Level, ServiceLevel, Tally } from '../model/service-level.ts';
import { type Counts, createRing, type Ring } from './tally.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** One bucket more than the window has: a part of the oldest and of the newest. */
const rings = {
  minutes: { bucketMs: 5 * minuteMs, size: 24 * 12 + 1 },
  hours: { bucketMs: hourMs, size: 30 * 24 + 1 },
} as const;

export type RingName = keyof typeof rings;

/** A bucket as it is kept over restarts. */
export interface Bucket {
  readonly suite: string;
  readonly ring: RingName;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly counts: Counts;
}

export interface ServiceLevels {
  /** `at`: when the run ended, milliseconds since 1970. `before`: as what it was counted already. Returns the buckets that have changed. */
  count(suite: string, verdict: Verdict, at: number, before?: Verdict): readonly Bucket[];
  level(suite: string, now: Date): ServiceLevel;
  restore(bucket: Bucket): void;
}

interface Counted {
  readonly rings: Readonly<Record<RingName, Ring>>;
  first: number;
}

/** `target`: SLO_TARGET as a ratio. */
export function createServiceLevels(target: number): ServiceLevels {
  const suites = new Map<string, Counted>();

  function counted(suite: string): Counted {
    const known = suites.get(suite);
    if (known) return known;
    const made = { rings: newRings(), first: Number.POSITIVE_INFINITY };
    suites.set(suite, made);
    return made;
  }

  return {
    count(suite, verdict, at, before) {
      if (before === verdict) return [];
      const kept = counted(suite);
      kept.first = Math.min(kept.first, at);
      return Object.entries(kept.rings).map(([name, ring]) => {
        if (before) ring.add(at, before, -1);
        ring.add(at, verdict, 1);
        const start = at - (at % ring.bucketMs);
        return { suite, ring: name as RingName, start, counts: ring.bucket(at) };
      });
    },
    level(suite, now) {
      const known = suites.get(suite);
      return levelOf(known?.rings ?? newRings(), known?.first, now.getTime(), target);
    },
    restore({ suite, ring, start, counts }) {
      const kept = counted(suite);
      kept.first = Math.min(kept.first, start);
      kept.rings[ring].put(start, counts);
    },
  };
}

function newRings(): Counted['rings'] {
  const { minutes, hours } = rings;
  return { minutes: createRing(minutes.bucketMs, minutes.size), hours: createRing(hours.bucketMs, hours.size) };
}

function levelOf(
  { minutes, hours }: Counted['rings'],
  first: number | undefined,
  now: number,
  target: number,
): ServiceLevel {
  const within = (ring: Ring, ms: number) => withAvailability(ring.sum(now - ms, now + 1));
  const month = within(hours, 30 * dayMs);
  const burnRate = (ms: number) => rateOf(within(minutes, ms), target);
  const spent = rateOf(month, target);
  return {
    target,
    ...(first !== undefined && { since: new Date(first).toISOString() }),
    windows: { '24h': within(minutes, dayMs), '7d': within(hours, 7 * dayMs), '30d': month },
    budgetLeft: spent === null ? null : 1 - spent,
    burnRate: { '1h': burnRate(hourMs), '6h': burnRate(6 * hourMs) },
    days: daysOf(hours, now),
  };
}

/** Failures seen by failures allowed. */
function rateOf({ availability }: Level, target: number): number | null {
  return availability === null ? null : (1 - availability) / (1 - target);
}

function daysOf(hours: Ring, now: number): readonly Day[] {
  const today = now - (now % dayMs);
  return Array.from({ length: 30 }, (_, index) => {
    const start = today - (29 - index) * dayMs;
    const date = new Date(start).toISOString().slice(0, 10);
    return { date, ...withAvailability(hours.sum(start, start + dayMs)) };
  });
}

function withAvailability(tally: Tally): Level {
  const judged = tally.passed + tally.failed;
  return { ...tally, availability: judged === 0 ? null : tally.passed / judged };
}
