import type { V1Lease } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import { durationS, leases, microTime } from './lease-sightings.ts';
import type { SessionView } from './session-view.ts';

export interface HeldLease {
  /** It was there: its holder died, or ended without being able to clean up. */
  readonly taken: boolean;
  /**
   * Sends nothing while the lease was renewed so lately that nobody can have taken it. After a longer gap, as of a process that
   * was stopped, it is renewed first. False: the API server does not say. Raises run.aborted where it is in other hands.
   */
  confirm(): Promise<boolean>;
  /** Deletes the lease; with `clean` false it only lets go of it, so that the next holder looks for leftovers. */
  release(clean: boolean): Promise<void>;
}

const renewMs = 20_000;
/** A renewal that failed is tried again that soon: what was not renewed in time is anybody's. */
const renewAgainMs = 1_000;
/** Others may take it after its duration; so much earlier it is asked for before anything rests on it. */
const marginMs = 2_000;
const safeMs = durationS * 1000 - marginMs;

/** Holders of this process whose lease could not be given back: nobody else can say that they are over. */
const lostHolds = new Map<string, 'clean' | 'unclean'>();
const mostLostHolds = 1_000;

/** How the run of this process ended that left this lease behind; undefined where it is none of ours. */
export function lostHold(lease: V1Lease): 'clean' | 'unclean' | undefined {
  return lostHolds.get(lease.spec?.holderIdentity ?? '');
}

/** Whether the run could not give its lease back. */
export function losesHolds(run: string): boolean {
  return [...lostHolds.keys()].some((holder) => holder.endsWith(`/${run}`));
}

export function forgetLostHold(lease: V1Lease): void {
  lostHolds.delete(lease.spec?.holderIdentity ?? '');
}

/** To be known before anybody meets the lease. */
export function keepLostHold(holder: string, how: 'clean' | 'unclean'): void {
  if (lostHolds.size >= mostLostHolds) lostHolds.clear();
  lostHolds.set(holder, how);
}

/** Deletes a lease of which nobody knows whether it was made; keeps in mind that it is over where that fails. */
export async function removeIfHeldBy(session: SessionView, name: string, holder: string): Promise<void> {
  const { lockNamespace: namespace, releaseMs: budgetMs } = session;
  const { api } = session;
  const place = { namespace, name };
  const limits = { signal: new AbortController().signal, budgetMs };
  try {
    const there = await session.calls.send<V1Lease | undefined>(
      `get lease/${name}`,
      { ...limits, onFailure: () => undefined },
      (signal) => api.get(leases, place, signal),
    );
    if (there?.spec?.holderIdentity !== holder) return;
    const { uid, resourceVersion } = there.metadata ?? {};
    const body = { preconditions: { uid, resourceVersion } };
    await session.calls.send<unknown>(`delete lease/${name}`, limits, (signal) =>
      api.remove(leases, place, body, signal),
    );
  } catch {
    keepLostHold(holder, 'clean');
  }
}

export interface Asked {
  /** By `performance.now()`. */
  readonly at: number;
  /** A machine that was suspended may show it by its wall clock only, which is a reason to ask, and no more. */
  readonly wall: number;
}

/** To be taken before the request: from its answer on others may have counted already. */
export function asking(): Asked {
  return { at: performance.now(), wall: Date.now() };
}

type Renewal = 'renewed' | 'still mine' | 'lost' | 'no answer';

/** Renews it until it is released. A holder that finds it in other hands, or gone, ends its run and touches it no more. */
export function hold(session: SessionView, lease: V1Lease, asked: Asked, taken: boolean): HeldLease {
  const { namespace = '', name = '' } = lease.metadata ?? {};
  const { api, releaseMs } = session;
  const place = { namespace, name };
  const mine = lease.spec?.holderIdentity ?? '';
  const renewing = new AbortController();
  let current = lease;
  /** Before the request that renewed it last. */
  let renewed = asked;
  let lost: Defect | undefined;
  let timer: NodeJS.Timeout | undefined;
  let renewal: Promise<unknown> = Promise.resolve();
  let confirming: Promise<void> | undefined;

  const replace = (change: V1Lease['spec'], budgetMs: number, signal: AbortSignal) =>
    session.calls.send(`renew lease/${name}`, { signal, budgetMs }, (own) =>
      api.replace(leases, place, { ...current, spec: { ...current.spec, ...change } }, own),
    );
  const remove = (signal: AbortSignal) =>
    session.calls.send<unknown>(`delete lease/${name}`, { signal, budgetMs: releaseMs }, (own) => {
      const { uid, resourceVersion } = current.metadata ?? {};
      return api.remove(leases, place, { preconditions: { uid, resourceVersion } }, own);
    });
  /** A conflict may be with our own renewal, whose answer was lost on the way. */
  const isStillMine = async (signal: AbortSignal): Promise<boolean> => {
    const there = await session.calls.send<V1Lease>(`get lease/${name}`, { signal, budgetMs: releaseMs }, (own) =>
      api.get(leases, place, own),
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
  const renew = async (): Promise<Renewal> => {
    const { signal } = renewing;
    const askedNow = asking();
    try {
      current = await replace({ renewTime: microTime() }, session.shortestCallMs, signal);
      renewed = askedNow;
      renewAfter(renewMs);
      return 'renewed';
    } catch (error) {
      // An API server that does not answer takes it from nobody.
      const isMine = isRefusal(error) && (await isStillMine(signal).catch((why) => !isRefusal(why)));
      if (isRefusal(error) && !isMine) {
        const reason = `Lost lease/${name}: another process took or deleted it`;
        lost = new Defect('run.aborted', reason, { cause: error });
        session.scope.abort(lost);
        return 'lost';
      }
      if (!signal.aborted) renewAfter(renewAgainMs);
      return isMine ? 'still mine' : 'no answer';
    }
  };
  const renewNow = (): Promise<Renewal> => {
    clearTimeout(timer);
    const now = renew();
    renewal = now;
    return now;
  };
  const isSafe = () => performance.now() - renewed.at < safeMs && Math.abs(Date.now() - renewed.wall) < safeMs;
  const confirm = async () => {
    // The one under way may be of before the gap.
    await renewal;
    if (lost || isSafe() || renewing.signal.aborted) return;
    if ((await renewNow()) === 'still mine') await renewNow();
  };
  renewAfter(renewMs);

  return {
    taken,
    confirm: async () => {
      if (!lost && !isSafe()) {
        confirming ??= confirm().finally(() => {
          confirming = undefined;
        });
        await confirming;
      }
      if (lost) throw lost;
      return isSafe();
    },
    release: async (clean) => {
      clearTimeout(timer);
      // One that hangs must not keep the run from ending.
      renewing.abort();
      await renewal;
      clearTimeout(timer);
      if (lost) return;
      const never = new AbortController().signal;
      const letGo = () => (clean ? remove(never) : replace({ holderIdentity: '' }, releaseMs, never));
      try {
        await letGo().catch(async (error) => {
          if (!isRefusal(error) || !(await isStillMine(never))) throw error;
          await letGo();
        });
      } catch (error) {
        // It expires by itself, and the next holder then looks for leftovers; the next run of this process need not wait for that.
        if (!isRefusal(error)) keepLostHold(mine, clean ? 'clean' : 'unclean');
      }
    },
  };
}

/** The lease is not as we know it, or not there. */
function isRefusal(error: unknown): boolean {
  return error instanceof Defect && ['api.conflict', 'api.not_found'].includes(error.finding.code);
}
