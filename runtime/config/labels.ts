/**
 * Labels given as JSON or, as for the original, as a Python dict: `{'team': 'core', "tier": 'test',}`.
 * https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals
 */
import { InvalidValue } from './problems.ts';

/** The label that selects the test pods; the Deployment and the Service rely on it. */
const reserved = { key: 'app', value: 'hello-minikube' };

const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const prefix = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Labels that we set ourselves on everything we make, or select by. */
const ofOurs = /^(app\.kubernetes\.io\/managed-by|kube-e2etests\.io\/.*)$/;

/** Labels of the Kubernetes syntax; of our own objects `app` is refused unless it is the value that the selectors need. */
export function labels(
  source: string,
  of: 'the deployment' | 'all objects' | 'of nodes' = 'the deployment',
): Readonly<Record<string, string>> {
  const entries = Object.entries(readDict(source));
  for (const [key, value] of entries) {
    check(key, value);
    if (of !== 'of nodes') checkReserved(key, value);
    if (of === 'all objects' && ofOurs.test(key))
      throw new InvalidValue(`labels other than ${key}, by which we know our own objects`);
  }
  return Object.freeze(Object.fromEntries(entries) as Record<string, string>);
}

function check(key: string, value: unknown): void {
  const parts = key.split('/');
  const [last, first] = [parts.at(-1) ?? '', parts.length > 1 ? (parts[0] ?? '') : undefined];
  if (parts.length > 2 || !name.test(last) || (first !== undefined && !prefix.test(first)))
    throw new InvalidValue(`label names like team or example.com/team; ${JSON.stringify(key)} is none`);
  if (typeof value !== 'string')
    throw new InvalidValue(
      `text as the value of every label; put ${JSON.stringify(key)}'s, ${String(value)}, between quotes`,
    );
  if (value !== '' && !name.test(value))
    throw new InvalidValue(
      `label values of at most 63 letters, digits, dashes, dots and underscores; ${JSON.stringify(key)} has ${JSON.stringify(value)}`,
    );
}

function checkReserved(key: string, value: unknown): void {
  if (key === reserved.key && value !== reserved.value)
    throw new InvalidValue(`labels other than ${key}, by which the Deployment and the Service select their pods`);
}

function readDict(source: string): Record<string, unknown> {
  const value = fromJson(source) ?? new PythonDict(source).read();
  if (typeof value !== 'object' || Array.isArray(value)) throw new InvalidValue('a JSON object or a Python dict');
  return value as Record<string, unknown>;
}

function fromJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** A flat dict of strings. Python's other literals get an error that says how to write them. */
class PythonDict {
  #at = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  read(): Record<string, string> {
    const found: [string, string][] = [];
    this.#take(/\{/y, '{ first');
    while (this.#match(/\}/y) === undefined) {
      const key = this.#string('a name');
      this.#take(/:/y, ': after the name');
      found.push([key, this.#string(`the value of ${JSON.stringify(key)}`)]);
      if (this.#match(/,/y) === undefined && !this.#sees('}')) this.#fail(', or } after a value');
    }
    if (this.#at < this.#source.trimEnd().length) this.#fail('nothing after }');
    return Object.fromEntries(found);
  }

  #string(what: string): string {
    const literal = this.#match(/[uU]?('(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y);
    if (literal === undefined) this.#notAString(what);
    return unescaped(literal.replace(/^[uU]/, '').slice(1, -1));
  }

  #notAString(what: string): never {
    const word = this.#match(/[\w.+-]+/y);
    if (word === undefined) this.#fail(`${what} between quotes`);
    throw new InvalidValue(`text between quotes as ${what}; ${word} has none: write '${word}'`);
  }

  #match(pattern: RegExp): string | undefined {
    while (/\s/.test(this.#source[this.#at] ?? '')) this.#at++;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(pattern: RegExp, what: string): void {
    if (this.#match(pattern) === undefined) this.#fail(what);
  }

  #sees(character: string): boolean {
    return this.#source.slice(this.#at).trimStart().startsWith(character);
  }

  #fail(what: string): never {
    throw new InvalidValue(`a JSON object or a Python dict: ${what}, at character ${this.#at + 1}`);
  }
}

function unescaped(body: string): string {
  return body.replace(
    /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g,
    (whole, octal?: string, byte?: string, short?: string, long?: string, character?: string) => {
      if (character !== undefined) return simpleEscapes[character] ?? unknownEscape(whole);
      const code = octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
      if (code > 0x10ffff) throw new InvalidValue(`characters that exist; ${whole} does not`);
      return String.fromCodePoint(code);
    },
  );
}

/** Python keeps the backslash of an escape it does not know, but refuses a broken \x, \u, \U and \N. */
function unknownEscape(whole: string): string {
  if (/[xuUN]$/.test(whole)) throw new InvalidValue(`whole escapes such as \\u00e9; ${whole} is broken off`);
  return whole;
}
