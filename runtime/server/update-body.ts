/** The body of POST /update → a step, or what is wrong with it. Pure. */

import type { Detail, RemoteStep } from '../memory/store.ts';
import { clean } from '../words/text.ts';

const required = ['name', 'passing', 'info', 'namespace', 'time'] as const;
const longestName = 300;
const longestDetail = 4_000;
/** Nothing that a process tells of has taken longer. */
const yearMs = 365 * 24 * 3_600_000;
const statuses: readonly unknown[] = ['passed', 'failed', 'errored', 'skipped'];

/** Key → whether a value is right, and what it should have been. In the order in which problems are told. */
const types: readonly (readonly [string, (value: unknown) => boolean, string])[] = [
  ['name', isText, 'text'],
  ['passing', (value) => typeof value === 'boolean', 'true or false'],
  ['info', isInfo, 'null or a list of [message, count]'],
  ['namespace', (value) => typeof value === 'string', 'text'],
  ['time', (value) => instantOf(value) !== undefined, 'YYYY-MM-DD HH:MM:SS'],
  ['suite', optional(isText), 'text'],
  ['run', optional(isText), 'text'],
  ['durationMs', optional((value) => typeof value === 'number' && value >= 0), 'a number, 0 or more'],
  ['durationMs', optional((value) => !(typeof value === 'number' && value >= yearMs)), 'below a year, in milliseconds'],
  ['status', optional((value) => statuses.includes(value)), statuses.join(', ')],
];

export function readUpdate(body: unknown): { readonly step: RemoteStep } | { readonly problem: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { problem: 'not a JSON object' };
  const given = body as Record<string, unknown>;
  const missing = required.filter((key) => !Object.hasOwn(given, key));
  if (missing.length > 0) return { problem: `keys missing - ${missing.join(', ')}` };
  const wrong = types.filter(([key, isRight]) => !isRight(Object.hasOwn(given, key) ? given[key] : undefined));
  if (wrong.length > 0)
    return { problem: `wrong types - ${wrong.map(([key, , want]) => `${key} must be ${want}`).join(', ')}` };
  if (present(given.status) && (given.status === 'passed') !== given.passing)
    return { problem: 'passing and status contradict each other - status is passed exactly where passing is true' };
  return { step: stepOf(given) };
}

/** Of a body that has been checked. */
function stepOf(given: Record<string, unknown>): RemoteStep {
  const { passing, info, durationMs, status } = given as unknown as RemoteStep & { info: readonly Detail[] | null };
  const text = (key: string) => clean(given[key] as string, longestName);
  return {
    name: text('name'),
    namespace: text('namespace'),
    passing,
    details: (info ?? []).map(([message, count]) => [clean(message, longestDetail), count]),
    at: instantOf(given.time) as string,
    ...(present(given.suite) && { suite: text('suite') }),
    ...(present(given.run) && { run: text('run') }),
    ...(present(durationMs) && { durationMs }),
    ...(present(status) && { status }),
  };
}

/** UTC, as ISO 8601; undefined for what is no such time, the 30th of February included. */
function instantOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value)) return undefined;
  const instant = new Date(`${value.replace(' ', 'T')}Z`);
  if (Number.isNaN(instant.getTime())) return undefined;
  const iso = instant.toISOString();
  return iso.startsWith(value.replace(' ', 'T')) ? iso : undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isInfo(value: unknown): boolean {
  const isDetail = (entry: unknown) =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && Number.isFinite(entry[1]);
  return value === null || (Array.isArray(value) && value.every(isDetail));
}

function optional(isRight: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => !present(value) || isRight(value);
}

function present<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
