/** What SUITES says: names, and words for several of them at once. */

/** default: those that are on without being named; all: every one there is. */
export type SuiteGroup = 'default' | 'all';
export const suiteGroups: readonly SuiteGroup[] = ['default', 'all'];

export interface SuiteChoice {
  /** Names in SUITES, in the order given, each once; undefined: none, and so those that are on by default. */
  readonly suites?: readonly string[];
  /** Those that SUITES means besides. */
  readonly suiteGroup?: SuiteGroup;
  /** REQUIREMENTS=optional: nobody counts on the named ones. */
  readonly areOptional?: true;
}

export function suiteChoice(words: readonly string[] = []): SuiteChoice {
  const isGroup = (word: string): word is SuiteGroup => suiteGroups.some((group) => group === word);
  const names = [...new Set(words.filter((word) => !isGroup(word)))];
  const groups = words.filter(isGroup);
  return {
    suites: names.length > 0 ? Object.freeze(names) : undefined,
    ...(groups.length > 0 && { suiteGroup: groups.includes('all') ? 'all' : 'default' }),
  };
}
