/** How far apart the runs of a cron expression can be. */
import { Cron, CronPattern } from 'croner';

const dayMs = 24 * 3_600_000;
/** Enough matching days for every gap: two months of them, or more than a year where months are left out; and a leap year. */
const daysLooked = { everyMonth: 70, someMonths: 400 };
const yearsLookedMs = 5 * 366 * dayMs;

/** The longest time between two runs of a cron expression. Changes of the clocks, an hour at most, are left out. */
export function longestGapMs(cron: string): number {
  const pattern = new CronPattern(cron);
  const times = timesOfDay(pattern);
  const nights = longestGapInDays(pattern) * dayMs - (times.at(-1)! - times[0]!);
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), nights);
}

/** Milliseconds after midnight, in order. */
function timesOfDay({ hour, minute, second }: CronPattern): readonly number[] {
  const chosen = (field: readonly number[]) => field.flatMap((isChosen, value) => (isChosen ? [value] : []));
  const seconds = chosen(second);
  // The first and the last of a minute: gaps between them are below every limit there is.
  const ends = [...new Set([seconds[0]!, seconds.at(-1)!])];
  return chosen(hour).flatMap((h) => chosen(minute).flatMap((m) => ends.map((s) => 1000 * (s + 60 * (m + 60 * h)))));
}

/** Whole days from one day with runs to the next. */
function longestGapInDays({ pattern }: CronPattern): number {
  const fields = pattern.split(/\s+/);
  const [, , , dayOfMonth = '*', month = '*', dayOfWeek = '*', year = '*'] =
    fields.length === 5 ? ['0', ...fields] : fields;
  if ([dayOfMonth, month, dayOfWeek, year].every((field) => field === '*' || field === '?')) return 1;
  const days = new Cron(`0 0 0 ${dayOfMonth} ${month} ${dayOfWeek} ${year}`, { paused: true, utcOffset: 0 });
  let longest = 1;
  let day = days.nextRun();
  const until = Date.now() + yearsLookedMs;
  for (
    let left = month === '*' ? daysLooked.everyMonth : daysLooked.someMonths;
    day && day.getTime() < until && left > 0;
    left -= 1
  ) {
    const next = days.nextRun(day);
    if (next) longest = Math.max(longest, (next.getTime() - day.getTime()) / dayMs);
    day = next;
  }
  return longest;
}
