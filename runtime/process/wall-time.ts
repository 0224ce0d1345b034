/** When a cron expression is due in a time zone whose clocks change: no time of day twice, none lost. Pure. */
import { Cron, CronPattern } from 'croner';

const second = 1000;
/** No change of clocks is larger, and no two of them are nearer. */
const widestChangeMs = 3 * 3600 * second;
const hoursOfTheDay = 24;

export interface WallTimes {
  /** The first instant after `from` at which it is due; undefined: never. */
  after(from: Date): Date | undefined;
}

/**
 * An expression for every hour is an interval: it goes on through a change of clocks by the time that passes. Any other names times of day:
 * one that the clocks show twice is due the first time, one that they leave out as long after the change as it would have been after
 * the beginning of the gap. `timeZone`: default the system's.
 */
export function wallTimes(expression: string, timeZone?: string): WallTimes {
  // Times of day are reckoned as if they were UTC, which knows no changes.
  const times = new Cron(expression, { timezone: 'UTC', paused: true });
  const isInterval = new CronPattern(expression).hour.filter(Boolean).length === hoursOfTheDay;
  const offsetAt = offsets(timeZone);
  const next = (wall: number): number | undefined => times.nextRun(new Date(wall))?.getTime();

  const nextOfInterval = (from: number): number | undefined => {
    const offset = offsetAt(from);
    const wall = next(from + offset);
    if (wall === undefined || offsetAt(wall - offset) === offset) return wall === undefined ? wall : wall - offset;
    const changed = changeWithin(offsetAt, from, wall - offset);
    const later = next(changed + offsetAt(changed) - second);
    return later === undefined ? undefined : later - offsetAt(changed);
  };
  /** The instant of a time of day: the first of two; in a gap, as far behind its end as it is behind its beginning. */
  const instantOf = (wall: number): number => {
    const before = offsetAt(wall - offsetAt(wall) - widestChangeMs);
    const early = wall - before;
    if (offsetAt(early) === before) return early;
    const after = offsetAt(early + widestChangeMs);
    return offsetAt(wall - after) === after ? wall - after : early;
  };
  const nextTimeOfDay = (from: number): number | undefined => {
    const offset = offsetAt(from);
    const before = offsetAt(from - widestChangeMs);
    if (before === offset) return mapped(next(from + offset), instantOf);
    const changed = changeWithin(offsetAt, from - widestChangeMs, from);
    // Times that have been shown once already.
    if (before > offset) return mapped(next(Math.max(from + offset, changed + before - second)), instantOf);
    // Times that were left out and are still to come.
    const leftOut = next(from + before);
    const isLeftOut = leftOut !== undefined && leftOut < changed + offset;
    const usual = mapped(next(from + offset), instantOf);
    return isLeftOut ? Math.min(leftOut - before, usual ?? Number.POSITIVE_INFINITY) : usual;
  };

  const nextAfter = isInterval ? nextOfInterval : nextTimeOfDay;
  return { after: (from) => mapped(nextAfter(from.getTime()), (at) => new Date(at)) };
}

function mapped<T>(value: number | undefined, to: (value: number) => T): T | undefined {
  return value === undefined ? undefined : to(value);
}

/** The instant at which the offset changes, after `from` and up to `to`; to the second. */
function changeWithin(offsetAt: (at: number) => number, from: number, to: number): number {
  const before = offsetAt(from);
  let early = Math.floor(from / second);
  let late = Math.ceil(to / second);
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(middle * second) === before) early = middle;
    else late = middle;
  }
  return late * second;
}

/** Instant → milliseconds that the zone's clocks are ahead of UTC. */
function offsets(timeZone: string | undefined): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - Math.floor(at / second) * second;
  };
}
