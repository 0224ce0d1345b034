import { ConfigError } from '../config/config.ts';

/**
 * Raises the error; problems with settings that came from the command line are named by what was typed. `flags`: setting → flag, false where it
 * was not typed.
 */
export function raiseAsTyped(error: unknown, flags: Readonly<Record<string, string | false>>): never {
  if (!(error instanceof ConfigError)) throw error;
  throw new ConfigError(error.problems.map((problem) => ({ ...problem, key: flags[problem.key] || problem.key })));
}
