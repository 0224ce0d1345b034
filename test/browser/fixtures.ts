/** A server with the page on it, a store in a known state, and runs that go as the test says. */
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';
import { dashboard } from '../../runtime/dashboard/plugin.ts';
import type { FaultState } from '../../runtime/dashboard/scene.ts';
import { createHealth } from '../../runtime/health.ts';
import { createStore, type Store } from '../../runtime/store.ts';
import { eventStream } from './event-stream.ts';
import { stepsOf, suiteNames } from './runs.ts';

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
  /** Cuts every open event stream. */
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
}

export async function openSite({
  clock = clockAt(new Date()),
  fill,
  token,
  faults,
  suites = suiteNames,
  ...parts
}: SiteParts = {}): Promise<Site> {
  const store = createStore({ now: clock.now, ...parts.store });
  fill?.(store, clock);
  const app = fastify({ forceCloseConnections: true });
  const served = suites.map((name) => ({
    name,
    description: descriptions[name] ?? `Proves ${name}`,
    steps: stepsOf(name),
  }));
  const health = createHealth(store, served, timeToReportProblemMs, clock.now);
  const asked: string[] = [];
  await app.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: policy } });
  await app.register(dashboard, {
    store,
    health,
    suites: served,
    timeToReportProblemMs,
    now: clock.now,
    namespaceOf: (suite) => (suite === 'dns' ? '' : `kubee2etests-${suite.replaceAll('_', '-')}`),
    nextRun: (suite) =>
      suites.includes(suite)
        ? new Date(clock.now().getTime() + 90_000 + 7_000 * suites.indexOf(suite)).toISOString()
        : undefined,
    ...(token !== undefined && { isTokenRight: (given: string) => given === token }),
    ...(faults && { sandbox: switchesOf(faults) }),
  });
  app.post<{ Params: { suite: string } }>('/run/:suite', async (request, reply) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      return reply
        .code(401)
        .send({ statusCode: 401, error: 'Unauthorized', message: 'A token is needed: the one of RUN_TOKEN' });
    }
    asked.push(request.params.suite);
    return reply.code(202).send({ run: 'm1', suite: request.params.suite });
  });
  app.get('/health', (_, reply) => reply.code(health().status === 'passing' ? 200 : 503).send(health()));
  const drop = eventStream(app, store);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url, store, clock, asked, drop, close: () => app.close() };
}

/** What the server allows: nothing inline, nothing from elsewhere. */
export const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

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
