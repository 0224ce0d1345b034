import type { Environment, Source } from './source.ts';

/** The cron expressions of SCHEDULE_<SUITE>, by the names of the suites. */
export function readSchedules(source: Source, env: Environment): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const key of Object.keys(env).filter((name) => name.startsWith('SCHEDULE_'))) {
    const suite = key.slice('SCHEDULE_'.length);
    if (!/^[A-Z][A-Z0-9_]*$/.test(suite))
      source.reject({ key, expected: 'the suite in upper case with underscores, as in SCHEDULE_HTTP_UPDATE' });
    const cron = source.optional('SCHEDULE_<SUITE>', key);
    if (cron !== undefined) found[suite.toLowerCase()] = cron;
  }
  return Object.freeze(found);
}
