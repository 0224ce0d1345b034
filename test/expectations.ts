/**
 * What turns a suite red. `test/expectations/<suite>.ts` says it for each suite: which fault, at which step, with which codes. The fault matrix
 * on the sandbox and the tests on a real cluster read it. A suite has to stay green under every fault that its file does not name.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Expectations, Red } from './red.ts';

/** Every suite's, by its name. */
export const expectations: ReadonlyMap<string, Expectations> = await readAll(join(import.meta.dirname, 'expectations'));

/** The suites that the situation turns red, and how. */
export function redUnder(where: 'sandbox' | 'cluster', situation: string): Readonly<Record<string, Red>> {
  const named = [...expectations].flatMap(([suite, expected]) => {
    const red = expected[where]?.[situation];
    return red ? [[suite, red] as const] : [];
  });
  return Object.fromEntries(named);
}

async function readAll(folder: string): Promise<ReadonlyMap<string, Expectations>> {
  const read = async (file: string) => {
    const { default: expected } = (await import(join(folder, file))) as { default: Expectations };
    return [basename(file, '.ts'), expected] as const;
  };
  return new Map(await Promise.all(readdirSync(folder).sort().map(read)));
}
