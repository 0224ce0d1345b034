/** What can be wrong with the environment, collected so that all of it is said at once. */

/** One setting that cannot be used. */
export interface Problem {
  /** The environment variable. */
  readonly key: string;
  /** What it holds; never given for a secret. */
  readonly value?: string;
  /** What would be right. */
  readonly expected: string;
  /** A value that is right. */
  readonly example?: string;
}

/** Every bad setting of one start, in `problems`; the message has a line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      [`${problems.length} ${problems.length === 1 ? 'setting' : 'settings'} wrong:`, ...problems.map(line)].join('\n'),
    );
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
  }
}

/** Thrown by a parser; says what it expected. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}

const longestValue = 200;

function line({ key, value, expected, example }: Problem): string {
  const seen = value === undefined ? '' : ` is ${JSON.stringify(shown(value))}`;
  const hint = example === undefined ? '' : `, for example ${key}=${example}`;
  return `  ${key}${seen}: expected ${expected}${hint}`;
}

/** Cut, and without the password a URL may carry. */
function shown(value: string): string {
  const masked = value.replace(/\/\/[^/@\s]*@/g, '//***@');
  return masked.length > longestValue ? `${masked.slice(0, longestValue)}…` : masked;
}
