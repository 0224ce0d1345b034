import { hostname } from 'node:os';
import { setTimeout as later } from 'node:timers';
import type { V1Lease } from '@kubernetes/client-node';
import { Defect, Held } from '../findings.ts';
import type { CallOptions } from './calls.ts';
import { type ApiFailure, defectOf } from './errors.ts';
import { missingNamespace, namespaceManifest } from './namespaces.ts';
import { ourLabels } from './ownership.ts';
import type { KubeSession } from './session.ts';

export interface HeldLease {
  /** It was there: its holder died, or ended without being able to clean up. */
  readonly taken: boolean;
  /** Deletes the lease; with `clean` false it only lets go of it, so that the next holder looks for leftovers. */
  release(clean: boolean): Promise<void>;
}

const durationS = 30;
const renewMs = 20_000;
/** A lease that is this much past its end by our clock is over, whatever the difference of clocks. */
const skewMs = 60_000;

/** Last seen state of foreign leases: one that does not change for its duration is dead. Clocks need not agree for that. */
const sightings = new Map<string, { version: string; at: number }>();

/**
 * One run at a time per namespace across processes. No lease: free, and left clean, which costs one POST. A lease that
 * nobody renews, or that was let go of, is taken over by PUT with its resourceVersion. Raises Held.
 */
export async function acquireLease(session: KubeSession): Promise<HeldLease> {
  const namespace = session.lockNamespace;
  const name = `kube-e2etests-${session.namespace}`.slice(0, 63);
  const body = leaseBody(session, name);
  const create = () =>
    session.call<V1Lease | ApiFailure>(
      `create lease/${name}`,
      (options) => session.apis.coordination.createNamespacedLease({ namespace, body }, options),
      (failure) => failure,
    );
  let made = await create();
  if (isFailure(made) && made.status === 404 && session.needsNamespace && session.createsNamespaces) {
    await createTestNamespace(session);
    made = await create();
  }
  if (!isFailure(made)) return hold(session, made, false);
  if (made.reason !== 'AlreadyExists') throw missingNamespace(made, namespace, `create lease/${name}`);
  return hold(session, await takeOver(session, namespace, name, body), true);
}

async function takeOver(session: KubeSession, namespace: string, name: string, body: V1Lease): Promise<V1Lease> {
  const request = { namespace, name };
  const there = await session.call<V1Lease | ApiFailure>(
    `get lease/${name}`,
    (options) => session.apis.coordination.readNamespacedLease(request, options),
    (failure) => failure,
  );
  if (isFailure(there)) {
    if (there.status === 404) throw new Held('its holder was just finishing', 100, session.namespace);
    throw defectOf(there, `get lease/${name}`, 0);
  }
  const holder = there.spec?.holderIdentity ?? '';
  if (holder && holder !== body.spec?.holderIdentity) {
    const aliveMs = stillAliveMs(there);
    if (aliveMs > 0) throw new Held(holder, aliveMs, session.namespace);
  }
  const taken = { ...body, metadata: { ...body.metadata, resourceVersion: there.metadata?.resourceVersion } };
  return session.call(
    `take over lease/${name}`,
    (options) => session.apis.coordination.replaceNamespacedLease({ ...request, body: taken }, options),
    (failure) => {
      if (failure.status === 409 || failure.status === 404)
        throw new Held('another process took it first', 1000, session.namespace);
      throw defectOf(failure, `take over lease/${name}`, 0);
    },
  );
}

/** Milliseconds until the lease counts as dead; 0 when it does now. */
function stillAliveMs(lease: V1Lease): number {
  const durationMs = (lease.spec?.leaseDurationSeconds ?? durationS) * 1000;
  const renewed = lease.spec?.renewTime ? new Date(lease.spec.renewTime).getTime() : 0;
  if (Date.now() - renewed > durationMs + skewMs) return 0;
  const uid = lease.metadata?.uid ?? '';
  const version = lease.metadata?.resourceVersion ?? '';
  const known = sightings.get(uid);
  if (!known || known.version !== version) {
    if (sightings.size > 1000) sightings.clear();
    sightings.set(uid, { version, at: performance.now() });
    return durationMs;
  }
  return Math.max(0, known.at + durationMs - performance.now());
}

function hold(session: KubeSession, lease: V1Lease, taken: boolean): HeldLease {
  const namespace = lease.metadata?.namespace ?? '';
  const name = lease.metadata?.name ?? '';
  let current = lease;
  let timer: NodeJS.Timeout | undefined;
  let renewal: Promise<void> = Promise.resolve();
  const renewing = new AbortController();
  const never = new AbortController().signal;
  const send = <T>(
    what: string,
    budgetMs: number,
    attempt: Parameters<typeof session.calls.send<T>>[2],
    signal: AbortSignal = never,
  ) => session.calls.send(`${what} lease/${name}`, { signal, budgetMs }, attempt);
  const { releaseMs } = session;
  const replace = (spec: V1Lease['spec'], budgetMs: number, signal?: AbortSignal) =>
    send(
      'renew',
      budgetMs,
      (options) =>
        session.apis.coordination.replaceNamespacedLease({ namespace, name, body: { ...current, spec } }, options),
      signal,
    );
  const renewLater = () => {
    timer = later(() => {
      renewal = renew();
    }, renewMs);
  };
  /** A conflict may be with our own renewal, whose answer was lost on the way. */
  const isStillOurs = async (): Promise<boolean> => {
    const read = (options: CallOptions) => session.apis.coordination.readNamespacedLease({ namespace, name }, options);
    const limits = { signal: renewing.signal, budgetMs: releaseMs };
    const there = await session.calls.send<V1Lease>(`get lease/${name}`, limits, read).catch(() => undefined);
    if (there?.spec?.holderIdentity !== current.spec?.holderIdentity) return false;
    current = there ?? current;
    return true;
  };
  const renew = async () => {
    try {
      current = await replace(
        { ...current.spec, renewTime: session.apis.now() },
        durationS * 1000 - renewMs,
        renewing.signal,
      );
      renewLater();
    } catch (error) {
      const lost = error instanceof Defect && ['api.conflict', 'api.not_found'].includes(error.finding.code);
      if (lost && !(await isStillOurs())) {
        const reason = `Lost lease/${name}: another process took or deleted it`;
        session.scope.abort(new Defect('run.aborted', reason, { cause: error }));
      } else if (!renewing.signal.aborted) renewLater();
    }
  };
  renewLater();
  return {
    taken,
    release: async (clean) => {
      clearTimeout(timer);
      // One that hangs must not keep the run from ending.
      renewing.abort();
      await renewal;
      clearTimeout(timer);
      const preconditions = { uid: current.metadata?.uid };
      try {
        if (clean) {
          await send('delete', releaseMs, (options) =>
            session.apis.coordination.deleteNamespacedLease({ namespace, name, body: { preconditions } }, options),
          );
        } else await replace({ ...current.spec, holderIdentity: '' }, releaseMs);
      } catch {
        // It expires by itself, and the next holder then looks for leftovers.
      }
    },
  };
}

async function createTestNamespace(session: KubeSession): Promise<void> {
  const name = session.namespace;
  await session.call<unknown>(
    `create namespace/${name}`,
    (options) => session.apis.core.createNamespace({ body: namespaceManifest(name) }, options),
    (failure) => {
      if (failure.reason !== 'AlreadyExists') throw missingNamespace(failure, name, `create namespace/${name}`);
      return undefined;
    },
  );
}

function leaseBody(session: KubeSession, name: string): V1Lease {
  const now = session.apis.now();
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, labels: ourLabels(undefined) },
    spec: {
      holderIdentity: `${hostname()}/${process.pid}/${session.scope.id}`,
      leaseDurationSeconds: durationS,
      acquireTime: now,
      renewTime: now,
    },
  };
}

function isFailure(value: V1Lease | ApiFailure): value is ApiFailure {
  return 'causes' in value;
}
