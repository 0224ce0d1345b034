/** Which suites the words of a command line mean: `http*` is every suite whose name begins so, `!http_update` leaves one out. */
import { UsageError } from './usage.ts';

export interface Picked {
  /** As SUITES has them: those to load. Undefined: SUITES stays what it is. */
  readonly suites?: string;
  /** Of those that were loaded. */
  readonly isWanted: (suite: string) => boolean;
  /** Patterns, as typed, that fit none of these suites. */
  readonly unmatched: (known: readonly string[]) => readonly string[];
}

/** `words`: as typed, several with commas between them too. Throws a UsageError for a word that can be no pattern. */
export function picked(words: readonly string[]): Picked {
  const all = words
    .flatMap((word) => word.split(','))
    .map((word) => word.trim())
    .filter(Boolean);
  const out = all.filter((word) => word.startsWith('!'));
  const wanted = all.filter((word) => !word.startsWith('!'));
  const wildcards = wanted.filter((word) => word.includes('*'));
  const names = wanted.filter((word) => !word.includes('*'));
  const fits = new Map([...out, ...wildcards].map((word) => [word, matcher(word)]));
  const fitsOneOf = (patterns: readonly string[], suite: string) => patterns.some((word) => fits.get(word)?.(suite));
  // A pattern may mean a suite that is off until somebody asks for it, too.
  const suites = [...names, ...(wildcards.length > 0 ? ['all'] : [])].join(',');
  return {
    ...(suites !== '' && { suites }),
    isWanted: (suite) => {
      if (fitsOneOf(out, suite)) return false;
      return wildcards.length === 0 || isNamed(names, suite) || fitsOneOf(wildcards, suite);
    },
    unmatched: (known) => [...fits].filter(([, matches]) => !known.some(matches)).map(([word]) => word),
  };
}

function isNamed(names: readonly string[], suite: string): boolean {
  return names.some((name) => name.toLowerCase() === suite);
}

function matcher(word: string): (suite: string) => boolean {
  const pattern = word.replace(/^!/, '').toLowerCase();
  if (!/^[a-z0-9_*]+$/.test(pattern))
    throw new UsageError(
      `${word} can fit no suite: type a name, a pattern such as 'http*', or either with ! before it`,
    );
  const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
  return (suite) => expression.test(suite);
}
