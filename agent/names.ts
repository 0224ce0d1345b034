/** How names are resolved from the agent's node, as programs in a pod do it: by the search domains of its resolv.conf. */
import { type Look, limits, mostRecords, type NameLook, type NamesQuestion, type NamesReport } from './contract.ts';
import type { Ways } from './ways.ts';
import { within } from './within.ts';

export async function namesReport(
  { names, withinMs }: NamesQuestion,
  { node, ways }: { readonly node: string; readonly ways: Ways },
): Promise<NamesReport> {
  const limitMs = Math.min(limits.name, withinMs);
  const resolve = async ({ name, type }: NamesQuestion['names'][number]): Promise<NameLook> => {
    let records: readonly string[] = [];
    const look: Look = await within(limitMs, async (signal) => {
      records = await firstFound(candidates(name, ways), (full) => ways.query(type, full, signal));
    });
    return { name, ...look, records: [...records].sort().slice(0, mostRecords), found: records.length };
  };
  return { node, names: await Promise.all(names.map(resolve)) };
}

/** Source: resolv.conf(5), ndots. */
function candidates(name: string, { search, ndots }: Ways): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

const absent = new Set(['ENOTFOUND', 'ENODATA']);

/** The first that there is; else what was said of the first, and of all others in the same words. */
async function firstFound(
  names: readonly string[],
  query: (name: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  let first: unknown;
  for (const name of names) {
    try {
      return await query(name);
    } catch (error) {
      first ??= error;
      if (!(error instanceof Error && 'code' in error && absent.has(String(error.code)))) throw error;
    }
  }
  throw first;
}
