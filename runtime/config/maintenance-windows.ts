/** MAINTENANCE: windows of time in which nothing alerts, `0 2 * * 6 4h` or `0 2 * * 6 Europe/Berlin 4h`, with semicolons between them. */

import { longestGapMs } from './longest-gap.ts';
import { InvalidValue } from './problems.ts';
import { cron, type Parse, timeZone } from './values.ts';

export interface MaintenanceWindow {
  /** Five fields: when it begins. */
  readonly cron: string;
  /** Default: TZ. */
  readonly timeZone?: string;
  readonly durationMs: number;
}

const unitMs = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 } as const;
const longestMs = 7 * unitMs.d;
const form = 'windows as `0 2 * * 6 4h`: five fields of cron, a time zone where it is not TZ, and how long';

export const maintenanceWindows: Parse<readonly MaintenanceWindow[]> = (text) =>
  Object.freeze(
    text.split(';').flatMap((part) => (part.trim() === '' ? [] : [Object.freeze(windowOf(part.trim().split(/\s+/)))])),
  );

function windowOf(words: readonly string[]): MaintenanceWindow {
  const text = JSON.stringify(words.join(' '));
  const durationMs = durationOf(words.at(-1)!);
  if (durationMs === undefined)
    throw new InvalidValue(`${form} (30m, 4h, 1d) at the end; ${text} does not say how long`);
  if (durationMs <= 0 || durationMs > longestMs)
    throw new InvalidValue(`windows of one minute to seven days; ${text} is none`);
  const rest = words.slice(0, -1);
  const zone = isZone(rest.at(-1)) ? rest.at(-1) : undefined;
  const fields = zone ? rest.slice(0, -1) : rest;
  if (fields.length !== 5) throw new InvalidValue(`${form}; ${text} has ${fields.length} fields of cron`);
  const begins = named(text, () => cron(fields.join(' ')));
  if (durationMs >= longestGapMs(begins))
    throw new InvalidValue(`windows that end before they begin anew; ${text} would never end`);
  return { cron: begins, ...(zone && { timeZone: named(text, () => timeZone(zone)) }), durationMs };
}

/** 30m, 4h, 1d, 1h30m. */
function durationOf(word: string): number | undefined {
  if (!/^(\d{1,4}[mhd])+$/i.test(word)) return undefined;
  const parts = [...word.toLowerCase().matchAll(/(\d+)([mhd])/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit as keyof typeof unitMs], 0);
}

/** Names of days and months are letters alone, steps have a digit behind the slash. */
function isZone(word: string | undefined): boolean {
  return /^(UTC|GMT|[A-Z][A-Za-z_]*\/[A-Za-z].*)$/.test(word ?? '');
}

/** Says which of several windows is wrong. */
function named<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new InvalidValue(`${error.message} in ${text}`);
  }
}
