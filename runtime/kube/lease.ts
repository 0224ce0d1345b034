import { hostname } from 'node:os';
import type { V1Lease } from '@kubernetes/client-node';
import { Defect, Held } from '../findings.ts';
import type { CallOptions } from './calls.ts';
import { type ApiFailure, defectOf } from './errors.ts';
import { missingNamespace, namespaceManifest } from './namespaces.ts';
import { objectName } from './object-name.ts';
import { ourLabels, ourName } from './ownership.ts';
import type { KubeSession } from './session.ts';

export interface HeldLease {
  /** It was there: its holder died, or ended without being able to clean up. */
  readonly taken: boolean;
  /** Deletes the lease; with `clean` false it only lets go of it, so that the next holder looks for leftovers. */
  release(clean: boolean): Promise<void>;
}

const durationS = 30;
const renewMs = 20_000;
/** A renewal that failed is tried again that soon: what was not renewed in time is anybody's. */
const renewAgainMs = 1_000;
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
  const name = objectName(ourName, session.namespace);
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
  const mine = await session.call<V1Lease | ApiFailure>(
    `take over lease/${name}`,
    (options) => session.apis.coordination.replaceNamespacedLease({ ...request, body: taken }, options),
    (failure) => failure,
  );
  if (!isFailure(mine)) return mine;
  if (mine.status !== 409 && mine.status !== 404) throw defectOf(mine, `take over lease/${name}`, 0);
  // The conflict may be with our own first attempt, whose answer was lost on the way.
  const now = await session.call<V1Lease | undefined>(
    `get lease/${name}`,
    (options) => session.apis.coordination.readNamespacedLease(request, options),
    () => undefined,
  );
  if (now?.spec?.holderIdentity === body.spec?.holderIdentity) return now as V1Lease;
  throw new Held('another process took it first', 1000, session.namespace);
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

/** Renews it until it is released. A holder that finds it in other hands, or gone, ends its run and touches it no more. */
function hold(session: KubeSession, lease: V1Lease, taken: boolean): HeldLease {
  const { namespace = '', name = '' } = lease.metadata ?? {};
  const { coordination } = session.apis;
  const { releaseMs } = session;
  const mine = lease.spec?.holderIdentity;
  const renewing = new AbortController();
  let current = lease;
  let isLost = false;
  let timer: NodeJS.Timeout | undefined;
  let renewal: Promise<void> = Promise.resolve();

  const replace = (change: V1Lease['spec'], budgetMs: number, signal: AbortSignal) =>
    session.calls.send(`renew lease/${name}`, { signal, budgetMs }, (options) => {
      const body = { ...current, spec: { ...current.spec, ...change } };
      return coordination.replaceNamespacedLease({ namespace, name, body }, options);
    });
  const remove = (signal: AbortSignal) =>
    session.calls.send<unknown>(`delete lease/${name}`, { signal, budgetMs: releaseMs }, (options) => {
      const { uid, resourceVersion } = current.metadata ?? {};
      const body = { preconditions: { uid, resourceVersion } };
      return coordination.deleteNamespacedLease({ namespace, name, body }, options);
    });
  /** A conflict may be with our own renewal, whose answer was lost on the way. */
  const isStillMine = async (signal: AbortSignal): Promise<boolean> => {
    const there = await session.calls.send<V1Lease>(
      `get lease/${name}`,
      { signal, budgetMs: releaseMs },
      (options: CallOptions) => coordination.readNamespacedLease({ namespace, name }, options),
    );
    if (there.spec?.holderIdentity !== mine) return false;
    current = there;
    return true;
  };
  const renewAfter = (ms: number) => {
    timer = setTimeout(() => {
      renewal = renew();
    }, ms);
  };
  const renew = async () => {
    try {
      const spec = { renewTime: session.apis.now() };
      current = await replace(spec, durationS * 1000 - renewMs, renewing.signal);
      renewAfter(renewMs);
    } catch (error) {
      // An API server that does not answer takes it from nobody.
      isLost = isRefusal(error) && !(await isStillMine(renewing.signal).catch((why) => !isRefusal(why)));
      if (isLost) {
        const reason = `Lost lease/${name}: another process took or deleted it`;
        session.scope.abort(new Defect('run.aborted', reason, { cause: error }));
      } else if (!renewing.signal.aborted) renewAfter(renewAgainMs);
    }
  };
  renewAfter(renewMs);

  return {
    taken,
    release: async (clean) => {
      clearTimeout(timer);
      // One that hangs must not keep the run from ending.
      renewing.abort();
      await renewal;
      clearTimeout(timer);
      if (isLost) return;
      const never = new AbortController().signal;
      const letGo = () => (clean ? remove(never) : replace({ holderIdentity: '' }, releaseMs, never));
      try {
        await letGo().catch(async (error) => {
          if (!isRefusal(error) || !(await isStillMine(never))) throw error;
          await letGo();
        });
      } catch {
        // It expires by itself, and the next holder then looks for leftovers.
      }
    },
  };
}

/** The lease is not as we know it, or not there. */
function isRefusal(error: unknown): boolean {
  return error instanceof Defect && ['api.conflict', 'api.not_found'].includes(error.finding.code);
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
