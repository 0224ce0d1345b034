/** How old a suite's newest result may be before it says nothing of now: it follows the suite's schedule. */
import { longestGapMs } from './longest-gap.ts';
import type { Config } from './shape.ts';

export type StalenessSettings = Pick<
  Config,
  'timeToReportProblemMs' | 'pauseBetweenRunsMs' | 'eventTimeoutMs' | 'schedule' | 'schedules' | 'scheduler'
>;

/**
 * Milliseconds: twice the longest gap between two runs, and at least TIME_TO_REPORT_PROBLEM. Back to back the gap is the pause and the
 * longest run there can be; with SCHEDULER=off nobody knows it.
 */
export function staleAfterMs(
  config: StalenessSettings,
  { name, timeout }: { readonly name: string; readonly timeout?: number },
): number {
  const { timeToReportProblemMs: leastMs, scheduler, pauseBetweenRunsMs, eventTimeoutMs } = config;
  if (!scheduler) return leastMs;
  const cron = config.schedules[name] ?? config.schedule;
  const gapMs = cron ? longestGapMs(cron) : pauseBetweenRunsMs + (timeout ? timeout * 1000 : 4 * eventTimeoutMs);
  return Math.max(leastMs, 2 * gapMs);
}
