import type { Host } from './host.ts';
import { createSource, type Environment, type Source } from './source.ts';

/** An empty RUN_TOKEN, or RUN_TOKEN_FILE, is refused: whoever sets it wants the check on. */
export function readToken(source: Source, env: Environment, host: Host): string | undefined {
  const path = source.optional('RUN_TOKEN_FILE');
  if (path === undefined && env.RUN_TOKEN_FILE !== undefined) {
    source.reject({ key: 'RUN_TOKEN_FILE', value: '', expected: 'the path of a file, or not to be set' });
    return undefined;
  }
  if (path === undefined) return env.RUN_TOKEN === undefined ? undefined : source.value('RUN_TOKEN');
  if (env.RUN_TOKEN !== undefined) {
    source.reject({ key: 'RUN_TOKEN_FILE', value: path, expected: 'to be set alone; RUN_TOKEN is set too' });
    return undefined;
  }
  try {
    const token = createSource({ RUN_TOKEN: host.read(path) });
    const value = token.value('RUN_TOKEN');
    for (const { expected } of token.problems)
      source.reject({ key: 'RUN_TOKEN_FILE', value: path, expected: `a file with ${expected}` });
    return value;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    source.reject({ key: 'RUN_TOKEN_FILE', value: path, expected: `a file that can be read (${reason})` });
    return undefined;
  }
}
