/** MAINTENANCE: which window is under way, and which comes next. Instants are milliseconds since 1970. Pure. */
import type { MaintenanceWindow } from '../config/maintenance-windows.ts';
import { wallTimes } from './wall-time.ts';

export interface Span {
  readonly since: number;
  readonly until: number;
}

export interface Calendar {
  /** The windows that cover `now`; those that meet are one. What began up to `after` is left out. */
  at(now: number, after?: number): Span | undefined;
  /** The first that begins after `now`. */
  next(now: number): Span | undefined;
}

/** Windows that follow each other without a gap end somewhere, or are called over after that long. */
const longestMs = 31 * 24 * 3_600_000;

export function createCalendar(windows: readonly MaintenanceWindow[], timeZone?: string): Calendar {
  const all = windows.map(({ cron, timeZone: own = timeZone, durationMs }) => ({
    durationMs,
    times: wallTimes(cron, own),
  }));

  /** The beginnings whose windows cover `now`, in order. */
  function covering(now: number, after: number): readonly Span[] {
    return all.flatMap(({ durationMs, times }) => {
      const spans: Span[] = [];
      let since = times.after(new Date(Math.max(now - durationMs, after)))?.getTime();
      while (since !== undefined && since <= now) {
        spans.push({ since, until: since + durationMs });
        since = times.after(new Date(since))?.getTime();
      }
      return spans;
    });
  }

  function at(now: number, after = Number.NEGATIVE_INFINITY): Span | undefined {
    const spans = covering(now, after);
    if (spans.length === 0) return undefined;
    const since = Math.min(...spans.map((span) => span.since));
    let until = now;
    for (let found = spans; found.length > 0 && until - now < longestMs; found = covering(until, after))
      until = Math.max(...found.map((span) => span.until));
    return { since, until };
  }

  return {
    at,
    next(now) {
      const begins = all.flatMap(({ times }) => times.after(new Date(now))?.getTime() ?? []);
      return begins.length === 0 ? undefined : at(Math.min(...begins));
    },
  };
}
