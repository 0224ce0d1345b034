/** One run's view of the cluster, as much of it as run/ knows. Types only. */
import type { Evidence, ProbeView } from './evidence.ts';
import type { ObjectRef } from './object-ref.ts';
import type { ApiRequests } from './result.ts';

/** One run's view of the cluster. Its requests are counted, bounded and abortable; run.ts knows only this much of it. */
export interface Session {
  /** Requests so far. */
  requests(): ApiRequests;
  /** Takes the lock of the run's namespace; throws Held when another live process has it. True: its last holder died, there may be leftovers. */
  lock(): Promise<{ leftoversLikely: boolean }>;
  /**
   * Before a judgement: that the lock is still ours. Asks only where it may have gone to others meanwhile, as after a time in which
   * this process was stopped. False: nobody answers. Raises run.aborted where another process has it.
   */
  confirm(): Promise<boolean>;
  /**
   * After a step that failed: the pods it was about that went meanwhile without our asking; one LIST. Where there are some it waits until
   * others stand in their place, so that the step can be repeated.
   */
  removals(): Promise<readonly Removal[]>;
  /** The same with what events and nodes say of who removes them; at most two requests. Never throws. */
  explained(removals: readonly Removal[]): Promise<readonly Removal[]>;
  /** Removes what a dead run left. */
  recover(): Promise<void>;
  /** Leftovers removed so far, by recovery and by creates that met one. */
  readonly recovered: readonly ObjectRef[];
  /** Keeps what a probe saw, for evidence. */
  observed(probe: ProbeView): void;
  /** What the objects show now; never throws, sends at most six requests and takes at most 5 s. */
  evidence(): Promise<Evidence | undefined>;
  /** Gives the lock back and ends watches. `clean` false: the next holder looks for leftovers. */
  close(clean: boolean): Promise<void>;
}

/** A pod that the suite was looking at and that went without its asking. */
export interface Removal {
  readonly pod: string;
  readonly node?: string;
  readonly by: 'eviction' | 'preemption' | 'taint' | 'kubelet' | 'node' | 'somebody';
  /** "evicted by its kubelet under node pressure" */
  readonly words: string;
}
