/** Reads settings from an environment and keeps what is wrong with them. */
import { InvalidValue, type Problem } from './problems.ts';
import { type SettingName, type SettingValue, table } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Source {
  /** The parsed value, or undefined where it is unset and has no default, or wrong. */
  optional<Name extends SettingName>(name: Name, key?: string): SettingValue<Name> | undefined;
  /** The parsed value or default. Where it is wrong the problem is kept, and what is returned must not be used. */
  value<Name extends SettingName>(name: Name): SettingValue<Name>;
  /** What the variable holds, without white space around it; empty is unset. */
  raw(key: string): string | undefined;
  /** The variable is there, be it empty. */
  isSet(key: string): boolean;
  reject(problem: Problem): void;
  readonly problems: readonly Problem[];
}

export function createSource(env: Environment): Source {
  const problems: Problem[] = [];
  const raw = (key: string) => env[key]?.trim() || undefined;

  function parse<Name extends SettingName>(name: Name, key: string, value: string): SettingValue<Name> | undefined {
    const setting: (typeof table)[SettingName] & { secret?: true } = table[name];
    try {
      return setting.parse(value) as SettingValue<Name>;
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      problems.push({ key, ...(!setting.secret && { value }), expected: error.message, example: setting.example });
      return undefined;
    }
  }

  const optional: Source['optional'] = (name, key = name) => {
    const value = raw(key);
    return value === undefined ? undefined : parse(name, key, value);
  };
  return {
    raw,
    isSet: (key) => env[key] !== undefined,
    optional,
    value(name) {
      return parse(name, name, raw(name) ?? table[name].default) as SettingValue<typeof name>;
    },
    reject: (problem) => void problems.push(problem),
    problems,
  };
}
