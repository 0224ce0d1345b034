/** A server with the page on it, a store in a known state, and runs that go as the test says. */

import Fastify, { type FastifyInstance } from 'fastify';
import type { FaultState } from '../../runtime/dashboard/scene.ts';
import type { Store } from '../../runtime/memory/store.ts';
import type { MaintenanceControl } from '../../runtime/model/maintenance.ts';
import type { Runner } from '../../runtime/model/outcome.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { product } from '../built/index.ts';
import { askedOverHttp } from '../server/over-http.ts';
import { stepsOf, suiteNames } from './runs.ts';

const { buildApp, createHealth, createStore } = product;

export const minute = 60_000;
export const timeToReportProblemMs = 20 * minute;

/** Runs at the usual speed, and can be moved on. */
export interface Clock {
  readonly now: () => Date;
  shift(ms: number): void;
}

export function clockAt(start: Date): Clock {
  const began = Date.now();
  let at = start.getTime();
  const shift = (ms: number) => {
    at += ms;
  };
  return { now: () => new Date(at + Date.now() - began), shift };
}

export interface Site {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly store: Store;
  readonly clock: Clock;
  /** The suites that somebody asked to run, in order. */
  readonly asked: readonly string[];
  /** Cuts every connection, event streams too. */
  drop(): void;
  close(): Promise<void>;
}

export interface SiteParts {
  readonly clock?: Clock;
  readonly fill?: (store: Store, clock: Clock) => void;
  readonly token?: string;
  readonly faults?: FaultState[];
  readonly store?: Parameters<typeof createStore>[0];
  readonly suites?: readonly string[];
  readonly areaOf?: (suite: string) => Suite['area'];
  readonly basePath?: string;
  readonly maintenance?: MaintenanceControl;
}

export async function openSite({
  clock = clockAt(new Date()),
  fill,
  token,
  faults,
  suites = suiteNames,
  areaOf,
  ...parts
}: SiteParts = {}): Promise<Site> {
  const store = createStore({ now: clock.now, ...parts.store });
  // On a busy machine it takes a while: what it tells is of one instant all the same.
  const filledAt = clock.now();
  fill?.(store, { ...clock, now: () => filledAt });
  const served = suites.map((name): Suite => {
    const area = areaOf?.(name);
    return { ...suiteOf(name), ...(area && { area }) };
  });
  const asked: string[] = [];
  const app = await buildApp({
    store,
    suites: served,
    runner: runnerThatNotes(asked),
    health: createHealth(store, served, timeToReportProblemMs, { now: clock.now }),
    prometheus: { contentType: 'text/plain', text: async () => '' },
    log: Fastify().log,
    runToken: token,
    ...(parts.basePath !== undefined && { basePath: parts.basePath }),
    ...(parts.maintenance && { maintenance: parts.maintenance }),
    now: clock.now,
    cluster: () => ({
      name: faults ? 'sandbox' : 'prod-eu-west-1',
      server: faults ? 'https://127.0.0.1:37117' : 'https://10.20.0.1:6443',
      version: 'v1.34.1',
    }),
    namespaceOf: (suite) => (suite === 'dns' ? '' : `kubee2etests-${suite.replaceAll('_', '-')}`),
    nextRun: (suite) => new Date(clock.now().getTime() + 90_000 + 7_000 * suites.indexOf(suite)).toISOString(),
    ...(faults && { sandbox: switchesOf(faults) }),
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const drop = () => app.server.closeAllConnections();
  return { app: askedOverHttp(app), url, store, clock, asked, drop, close: () => app.close() };
}

function suiteOf(name: string): Suite {
  const description = descriptions[name] ?? `Proves ${name}`;
  return { name, description, steps: stepsOf(name), uses: [], run: async () => {} };
}

/** Its runs never end by themselves: tests tell the store what they like. */
function runnerThatNotes(asked: string[]): Pick<Runner, 'start' | 'active'> {
  const { promise: never } = Promise.withResolvers<RunResult>();
  return {
    active: [],
    start({ name }) {
      asked.push(name);
      return { kind: 'run', id: `m${asked.length}`, joined: false, judged: never, finished: never };
    },
  };
}

function switchesOf(faults: FaultState[]) {
  return {
    list: async () => faults,
    set: async (name: string, on: boolean) => {
      const index = faults.findIndex((fault) => fault.name === name);
      faults[index] = { ...faults[index]!, on };
    },
  };
}

const descriptions: Readonly<Record<string, string>> = {
  namespace: 'A namespace can be created, is empty, and can be deleted',
  deployment: 'A deployment is scheduled on different nodes, becomes ready, and is deleted with its pods',
  http: 'Pods and their service answer with the page that was put there, and their logs show every request',
  dns: 'The DNS servers resolve the cluster’s own name',
};
