import type { RunResult, Verdict } from '../model/result.ts';

const verdicts: readonly Verdict[] = ['passed', 'failed', 'errored', 'unsupported'];
/** Those to look at. */
const named: ReadonlySet<string> = new Set<Verdict>(['failed', 'errored', 'unsupported']);

/** One line for several runs: `10 suites: 8 passed, 1 failed (http), 1 errored (dns)`. */
export function summaryOf(suites: readonly { readonly name: string }[], results: readonly RunResult[]): string {
  const ran = new Map(results.map(({ suite, status }) => [suite, status]));
  const groups = verdicts.map((verdict) => ({ verdict, names: namesOf(suites, (name) => ran.get(name) === verdict) }));
  const missing = { verdict: 'not run', names: namesOf(suites, (name) => !ran.has(name)) };
  const parts = [...groups, missing]
    .filter(({ names }) => names.length > 0)
    .map(({ verdict, names }) => `${names.length} ${verdict}${named.has(verdict) ? ` (${names.join(', ')})` : ''}`);
  return `${suites.length} suites: ${parts.join(', ')}`;
}

function namesOf(suites: readonly { readonly name: string }[], isIn: (name: string) => boolean): readonly string[] {
  return suites.map(({ name }) => name).filter(isIn);
}
