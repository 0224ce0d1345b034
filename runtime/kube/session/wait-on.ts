import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ClusterView, TimedOut } from '../kinds/cluster-view.ts';

interface WaitOn<T, R> {
  look(objects: readonly T[]): Look<R>;
  timedOut(why: string, objects: readonly T[], afterMs: number): TimedOut | Promise<TimedOut>;
  /** Shown with `why` meanwhile. */
  readonly aside?: () => readonly string[];
  /** Called before each round. */
  began(): void;
}

/** A timer may fire a moment early: less than that is nothing left. */
const worthWaitingMs = 50;

/** Waits for what is left of the wait chain; where the API server was away in the meantime there is more left than there was, and it waits on. */
export async function waitOn<T extends KubernetesObject, R>(
  { patience, scope }: Pick<ClusterView, 'patience' | 'scope'>,
  watched: Watched<T>,
  { look, timedOut, aside = () => [], began }: WaitOn<T, R>,
): Promise<R> {
  const more = new Error('The API server was away in the meantime');
  const fail = async (objects: readonly T[], why: string) => {
    if (patience.leftMs > worthWaitingMs) return more;
    const { code, message, options } = await timedOut(why, objects, patience.spentMs);
    return new Defect(code, message, options);
  };
  const show = (why: string) => scope.waiting([why, ...aside()].join('; '));
  for (;;) {
    began();
    try {
      return await watched.until({ look, timedOut: fail }, patience.leftMs, scope.signal, show);
    } catch (error) {
      if (error !== more) throw error;
    }
  }
}
