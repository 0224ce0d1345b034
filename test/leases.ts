/** An API server that holds one lease, and sessions that want it. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { V1Lease } from '@kubernetes/client-node';
import { openCluster } from '../runtime/kube/session/open-cluster.ts';
import type { RunScope } from '../runtime/model/scope.ts';
import type { Session } from '../runtime/model/session-contract.ts';
import { answer, playApiServer, type Request, refuse } from './api-server.ts';
import { suiteOf } from './runs.ts';

export const path = '/apis/coordination.k8s.io/v1/namespaces/tests/leases';
export const name = 'kube-e2etests-tests';

export interface Played {
  lease?: V1Lease;
  readonly lines: () => readonly string[];
  /** Why runs were ended, by their ids. */
  readonly ended: ReadonlyMap<string, string>;
  /** `signal`: the run's; by default it never ends. */
  open(id: string, signal?: AbortSignal): Session;
}

/** An API server that holds one lease; `before` may answer a request first. */
export async function play(
  t: TestContext,
  lease: V1Lease | undefined,
  before: (request: Request, response: ServerResponse, played: Played) => boolean = () => false,
): Promise<Played> {
  let version = 1;
  const ended = new Map<string, string>();
  const stored = (body: string): V1Lease => {
    const { metadata, ...rest } = JSON.parse(body) as V1Lease;
    version++;
    return { ...rest, metadata: { ...metadata, namespace: 'tests', uid: 'uid-1', resourceVersion: `${version}` } };
  };
  const server = await playApiServer(t, (request, response) => {
    if (before(request, response, played)) return;
    const { line, body } = request;
    if (line === `POST ${path}`) {
      if (played.lease) return refuse(response, 409, 'AlreadyExists');
      played.lease = stored(body);
      return answer(response, 201, played.lease);
    }
    if (!played.lease) return refuse(response, 404, 'NotFound');
    if (line === `GET ${path}/${name}`) return answer(response, 200, played.lease);
    const held = played.lease.metadata?.resourceVersion;
    if (line === `DELETE ${path}/${name}`) {
      if (JSON.parse(body).preconditions?.resourceVersion !== held) return refuse(response, 409, 'Conflict');
      played.lease = undefined;
      return answer(response, 200, { kind: 'Status', status: 'Success' });
    }
    const wanted = (JSON.parse(body) as V1Lease).metadata?.resourceVersion;
    if (wanted !== held) return refuse(response, 409, 'Conflict');
    played.lease = stored(body);
    return answer(response, 200, played.lease);
  });
  const cluster = openCluster({
    source: { kind: 'kubeconfig', path: server.kubeconfig },
    objects: {} as never,
    eventTimeoutMs: 2_000,
    createNamespaces: false,
  });
  t.after(() => cluster.close());
  const played: Played = {
    ...(lease && { lease }),
    ended,
    lines: () => server.requests.map(({ line }) => line.replace(path, '…')),
    open(id, signal = new AbortController().signal) {
      const nothing = () => {};
      const abort = ({ message }: Error) => void ended.set(id, message);
      const tells = { measure: nothing, note: nothing, waiting: nothing, observed: nothing, abort };
      const scope: RunScope = { id, suite: suiteOf([], async () => {}), namespace: 'tests', signal, ...tells };
      return cluster.openSession(scope);
    },
  };
  return played;
}

/** `durationS`: how long its record must stand unchanged for it to count as dead. */
export function aLease(holder: string, renewedMsAgo: number, durationS = 30): V1Lease {
  const renewTime = new Date(Date.now() - renewedMsAgo).toISOString() as never;
  const metadata = { name, namespace: 'tests', uid: `uid-${holder}`, resourceVersion: '1' };
  return { metadata, spec: { holderIdentity: holder, leaseDurationSeconds: durationS, renewTime } };
}

export const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('did not throw'),
    (error: unknown) => error,
  );

/** The first request of that verb is carried out, and its answer never comes. */
export function loseFirst(verb: string): (request: Request, response: ServerResponse) => boolean {
  let lost = false;
  return ({ line }, response) => {
    if (lost || !line.startsWith(verb)) return false;
    lost = true;
    response.end = () => response.destroy() as never;
    return false;
  };
}

/** Looks at every turn of the event loop, since the timers are the test's; with `t` a second passes at every hundredth. */
export async function until(isSo: () => boolean, t?: TestContext): Promise<void> {
  for (let turn = 1; !isSo(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 100 === 0) t?.mock.timers.tick(1_000);
  }
}

/** From now on the process was stopped that long, by its monotonic clock. */
export function standStill(t: TestContext, ms: number): void {
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + ms);
}
