import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { V1Lease } from '@kubernetes/client-node';
import { Held } from '../../defects.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import { isAnswered } from '../client/outlast.ts';
import { namespaces } from '../kinds/namespace.ts';
import { ourLabels, ourName } from '../kinds/ownership.ts';
import { missingNamespace, namespaceManifest } from '../kinds/test-namespace.ts';
import { asking, forgetLostHold, type HeldLease, hold, lostHold, removeIfHeldBy } from './held-lease.ts';
import { durationS, leases, microTime, recordOf, seemsDead, stillAliveMs } from './lease-sightings.ts';
import { objectName } from './object-name.ts';
import type { SessionView } from './session-view.ts';

/** How often a lease whose holder may be dead is looked at. */
const lookAgainMs = 5_000;

/**
 * One run at a time per namespace across processes. No lease: free, and left clean, which costs one POST. A lease that
 * nobody renews, or that was let go of, is taken over by PUT with its resourceVersion. Raises Held.
 *
 * What is sent when the run is stopped still comes to its answer, within the time that giving the lock back has: a lease
 * that was made all the same is deleted.
 */
export async function acquireLease(session: SessionView): Promise<HeldLease> {
  const { signal } = session.scope;
  const taking = new Taking(session);
  const held = await taking.take().catch(async (error) => {
    if (!isAnswered(error)) await removeIfHeldBy(session, taking.name, taking.holder);
    throw error;
  });
  if (!signal.aborted) return held;
  await held.release(!held.taken);
  throw signal.reason;
}

class Taking {
  readonly name: string;
  readonly holder: string;
  readonly #session: SessionView;
  /** Before the lease was asked for last. */
  #asked = asking();

  constructor(session: SessionView) {
    this.#session = session;
    this.name = objectName(ourName, session.namespace);
    this.holder = `${hostname()}/${process.pid}/${session.scope.id}`;
  }

  async take(): Promise<HeldLease> {
    const session = this.#session;
    const namespace = session.lockNamespace;
    let made = await this.#create();
    if (isFailure(made) && made.status === 404 && session.needsNamespace && session.createsNamespaces) {
      await createTestNamespace(session);
      made = await this.#create();
    }
    if (!isFailure(made)) return hold(session, made, this.#asked, false);
    if (made.reason !== 'AlreadyExists') throw missingNamespace(made, namespace, `create lease/${this.name}`);
    return this.#takeOver();
  }

  #create(): Promise<V1Lease | ApiFailure> {
    const { api, lockNamespace: namespace } = this.#session;
    const body = this.#body();
    this.#asked = asking();
    return this.#send('create', (signal) => api.create(leases, namespace, body, signal));
  }

  async #takeOver(): Promise<HeldLease> {
    const there = await this.#freed();
    if (there.spec?.holderIdentity === this.holder) return hold(this.#session, there, this.#asked, false);
    const lost = lostHold(there);
    const mine = await this.#replace(there);
    forgetLostHold(there);
    return hold(this.#session, mine, this.#asked, lost !== 'clean');
  }

  /** The lease, once it is free to take. One that seems dead is watched for as long as it takes to know. */
  async #freed(): Promise<V1Lease> {
    const { namespace, scope, patience } = this.#session;
    let before: string | undefined;
    for (;;) {
      const askedAt = performance.now();
      const there = await this.#read();
      const holder = there.spec?.holderIdentity ?? '';
      if (!holder || holder === this.holder || lostHold(there)) return there;
      const aliveMs = stillAliveMs(there, askedAt);
      if (aliveMs === 0) return there;
      const isRenewed = before !== undefined && before !== recordOf(there);
      if (isRenewed || !seemsDead(there)) throw new Held(holder, aliveMs, namespace);
      before = recordOf(there);
      scope.waiting(`held by ${holder}, which may be dead: that is known in ${Math.ceil(aliveMs / 1000)} s`);
      await pause(Math.min(aliveMs, lookAgainMs), undefined, { signal: scope.signal });
      patience.begin();
    }
  }

  async #read(): Promise<V1Lease> {
    const { api, lockNamespace: namespace } = this.#session;
    const place = { namespace, name: this.name };
    const there = await this.#send('get', (signal) => api.get(leases, place, signal));
    if (!isFailure(there)) return there;
    if (there.status === 404) throw new Held('its holder was just finishing', 100, this.#session.namespace);
    throw defectOf(there, `get lease/${this.name}`, 0);
  }

  async #replace(there: V1Lease): Promise<V1Lease> {
    const { api, lockNamespace: namespace } = this.#session;
    const body = this.#body();
    body.metadata = { ...body.metadata, resourceVersion: there.metadata?.resourceVersion };
    const place = { namespace, name: this.name };
    this.#asked = asking();
    const mine = await this.#send('take over', (signal) => api.replace(leases, place, body, signal));
    if (!isFailure(mine)) return mine;
    if (mine.status !== 409 && mine.status !== 404) throw defectOf(mine, `take over lease/${this.name}`, 0);
    // The conflict may be with our own first attempt, whose answer was lost on the way.
    const now = await this.#read();
    if (now.spec?.holderIdentity === this.holder) return now;
    throw new Held('another process took it first', 1000, this.#session.namespace);
  }

  #send(verb: string, attempt: (signal: AbortSignal) => Promise<V1Lease | ApiFailure>): Promise<V1Lease | ApiFailure> {
    return this.#session.make(`${verb} lease/${this.name}`, attempt, (failure) => failure);
  }

  #body(): V1Lease {
    const now = microTime();
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: this.name, labels: ourLabels(undefined, this.#session.objects.labels) },
      spec: { holderIdentity: this.holder, leaseDurationSeconds: durationS, acquireTime: now, renewTime: now },
    };
  }
}

async function createTestNamespace(session: SessionView): Promise<void> {
  const name = session.namespace;
  await session.call<unknown>(
    `create namespace/${name}`,
    (signal) => session.api.create(namespaces, '', namespaceManifest(name, session.objects.labels), signal),
    (failure) => {
      if (failure.reason !== 'AlreadyExists') throw missingNamespace(failure, name, `create namespace/${name}`);
      return undefined;
    },
  );
}

function isFailure(value: V1Lease | ApiFailure): value is ApiFailure {
  return 'causes' in value;
}
