/** What the lock needs of its session, beside what kinds know of it. Types only. */
import type { ClusterView } from '../kinds/cluster-view.ts';

export interface SessionView extends ClusterView {
  readonly needsNamespace: boolean;
  readonly createsNamespaces: boolean;
  /** Where its lock lives: suites that have no namespace have it where the process is at home. */
  readonly lockNamespace: string;
  /** Milliseconds that a call outside of a wait gets at least. */
  readonly shortestCallMs: number;
  /** Milliseconds that giving the lock back may take. */
  readonly releaseMs: number;
}
