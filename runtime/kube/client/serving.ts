/** Which kinds the API server has: asked once per process and API, in the session that needs it first. */
import type { Calls } from './calls.ts';
import { defectOf } from './errors.ts';
import { type ObjectClient, rootOf, type Served } from './served.ts';

export interface Serving {
  /** Undefined: nobody has asked yet. */
  knows(kind: Served<unknown>): boolean | undefined;
  ask(kind: Served<unknown>, calls: Calls, limits: { signal: AbortSignal; budgetMs: number }): Promise<boolean>;
}

export function createServing(api: ObjectClient): Serving {
  const known = new Map<string, readonly string[]>();
  const knows = ({ apiVersion, plural }: Served<unknown>) => known.get(apiVersion)?.includes(plural);
  return {
    knows,
    async ask(kind, calls, limits) {
      const { apiVersion } = kind;
      const request = `get ${rootOf(apiVersion)}`;
      const onFailure: NonNullable<Parameters<Calls['send']>[1]['onFailure']> = (failure) => {
        if (failure.status === 404) return [];
        throw defectOf(failure, request, 0);
      };
      if (!known.has(apiVersion)) {
        const plurals = await calls.send(request, { ...limits, onFailure }, (signal) =>
          api.plurals(apiVersion, signal),
        );
        known.set(apiVersion, plurals);
      }
      return knows(kind) ?? false;
    },
  };
}
