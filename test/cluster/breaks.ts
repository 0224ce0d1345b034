/** What a person breaks on the real cluster: it is named rightly, with the time until the first right headline. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import type { Component } from '../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { headlineClock } from './diagnosis.ts';
import { type Drive, openDrive } from './drive.ts';
import { type Admin, openAdmin, removeNamespaces } from './kit.ts';

/** EVENT_TIMEOUT_SECONDS of the suites under a break. */
export const eventTimeoutSeconds = 8;
export const breaksHead = ['break', 'diagnosis', 'red suites', 'first right headline', 'EVENT_TIMEOUT_SECONDS'];

export interface Break {
  readonly what: string;
  /** Also the name of the namespaces: `diag-<key>-<suite>`. */
  readonly key: string;
  readonly component: Component;
  /** Of the headline. */
  readonly part?: string;
  readonly red: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Breaks it, and returns what mends it. */
  make(admin: Admin, drive: Drive): Promise<() => Promise<unknown>>;
}

/** The row of the table. */
export async function diagnosed(t: TestContext, one: Break): Promise<readonly string[]> {
  const clock = headlineClock(one.component);
  const prefix = `diag-${one.key}`;
  const drive = await openDrive({ prefix, eventTimeoutSeconds, env: one.env, record: clock.record });
  const admin = openAdmin();
  t.after(async () => {
    await drive.close();
    await removeNamespaces(admin, prefix);
    await admin.close();
  });
  const mend = await one.make(admin, drive);
  let results: ReadonlyMap<string, RunResult>;
  try {
    clock.start();
    results = await drive.run(...one.red);
  } finally {
    await mend();
  }
  judge(t, one, [...results.values()]);
  return rowOf(one, clock.afterMs);
}

export function judge(
  t: TestContext,
  { component, part, red }: Pick<Break, 'component' | 'part' | 'red'>,
  results: readonly RunResult[],
): void {
  for (const { suite, diagnosis } of results) t.diagnostic(`${suite}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  assert.deepEqual(
    results.map(({ suite, diagnosis }) => [suite, diagnosis?.component]),
    red.map((suite) => [suite, component]),
  );
  const headline = headlineOf(results);
  assert.equal(headline?.component, component);
  assert.equal(headline?.part, part);
  assert.deepEqual(headline?.unexplained, []);
}

export function rowOf(
  { what, component, part, red }: Omit<Break, 'key' | 'make'>,
  afterMs: number | undefined,
): readonly string[] {
  const seconds = afterMs === undefined ? 'none' : `${(afterMs / 1000).toFixed(1)} s`;
  return [what, part ? `${component} (${part})` : component, red.join(', '), seconds, String(eventTimeoutSeconds)];
}
