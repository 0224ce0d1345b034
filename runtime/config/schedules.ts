import type { SettingValue } from './settings.ts';
import type { Environment, Source } from './source.ts';

/** What settings that are there once for each suite begin with. */
export const perSuite = ['SCHEDULE_', 'SLOW_'] as const;

type PerSuite = `${(typeof perSuite)[number]}<SUITE>`;

/** The values of a setting such as SCHEDULE_<SUITE>, by the names of the suites. */
export function readPerSuite<Name extends PerSuite>(
  source: Source,
  env: Environment,
  name: Name,
): Readonly<Record<string, SettingValue<Name>>> {
  const found: Record<string, SettingValue<Name>> = {};
  const prefix = name.slice(0, -'<SUITE>'.length);
  for (const key of Object.keys(env).filter((one) => one.startsWith(prefix))) {
    const suite = key.slice(prefix.length);
    if (!/^[A-Z][A-Z0-9_]*$/.test(suite))
      source.reject({ key, expected: `the suite in upper case with underscores, as in ${prefix}HTTP_UPDATE` });
    const value = source.optional(name, key);
    if (value !== undefined) found[suite.toLowerCase()] = value;
  }
  return Object.freeze(found);
}
