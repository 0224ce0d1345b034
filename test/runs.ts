/** A run's surroundings without a cluster, for tests of what decides about runs. */
import assert from 'node:assert/strict';
import { configMap, deployment, keeps, makes } from '../runtime/index.ts';
import type { RunEvent } from '../runtime/model/event.ts';
import type { Managed, Resource } from '../runtime/model/resource.ts';
import type { RunResult } from '../runtime/model/result.ts';
import type { Session } from '../runtime/model/session-contract.ts';
import type { Suite } from '../runtime/model/suite.ts';
import type { RunParts } from '../runtime/run/order.ts';
import { executeRun } from '../runtime/run/run.ts';

export interface FakeSession extends Session {
  /** What was called, in order. */
  readonly calls: string[];
}

export function aSession(changes: Partial<Session> = {}): FakeSession {
  const calls: string[] = [];
  return {
    calls,
    requests: () => ({ total: 0, watches: 0, retries: 0 }),
    lock: async () => {
      calls.push('lock');
      return { leftoversLikely: false };
    },
    confirm: async () => true,
    removals: async () => [],
    explained: async (removals) => removals,
    recover: async () => void calls.push('recover'),
    recovered: [],
    observed: () => {},
    evidence: async () => undefined,
    close: async (clean) => void calls.push(clean ? 'close clean' : 'close unclean'),
    ...changes,
  };
}

/** A resource that tells `calls` what happens to it. */
export function aResource(name: string, calls: string[], changes: Partial<Managed<string>> = {}): Resource<string> {
  const did = (what: string) => calls.push(`${what} ${name}`);
  return {
    bind: () => ({
      ref: { kind: 'service', name },
      create: async () => {
        did('create');
        return name;
      },
      ensure: async () => {
        did('ensure');
        return name;
      },
      remove: async () => {
        did('remove');
        return true;
      },
      ...changes,
    }),
  };
}

export function suiteOf(steps: readonly string[], run: Suite['run'], changes: Partial<Suite> = {}): Suite {
  return { name: 'web', description: 'For tests', steps, uses: [makes(configMap), keeps(deployment)], run, ...changes };
}

export interface Surroundings {
  readonly parts: RunParts;
  readonly events: RunEvent[];
}

export function surroundings(session: Session, changes: Partial<RunParts> = {}): Surroundings {
  const events: RunEvent[] = [];
  const edge = { answers: async () => assert.fail(), follows: async () => {}, isUnserved: async () => {} };
  const http = {
    answered: [],
    requestEach: async () => {},
    requestService: async () => {},
    awaitEach: async () => [],
    edge,
  };
  const well = async () => ({ troubles: [], afterMs: 0 });
  const mesh = { ask: well, resolve: well };
  const parts: RunParts = {
    settings: { replicas: 3, dnsQueryName: 'kubernetes.default' },
    eventTimeoutMs: 5_000,
    openSession: () => session,
    openProbes: () => ({ http, dns: { resolve: async () => {} }, mesh, close: async () => {} }),
    record: (event) => void events.push(event),
    ...changes,
  };
  return { parts, events };
}

/** Runs the suite once. `stop` as at shutdown. */
export function runOf(suite: Suite, { parts }: Surroundings, stop = new AbortController().signal): Promise<RunResult> {
  const order = { id: 'r1', suite, namespace: 'tests', trigger: 'cli', stop } as const;
  return executeRun(order, parts, () => {});
}

export function stepsOf(result: RunResult): readonly string[] {
  return result.steps.map(({ name, status }) => `${name}: ${status}`);
}
