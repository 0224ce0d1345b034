/** What a suite makes in the cluster. Types only. */
import type { ObjectRef } from './object-ref.ts';
import type { Session } from './session-contract.ts';

/** A thing in the cluster that a suite makes, bound to one run. What `t.use` and `t.ensure` hand out is its handle `H`. */
export interface Managed<H> {
  readonly ref: ObjectRef;
  /** POST. Our leftover of a dead run under that name is removed first; an object that is not ours is a defect. */
  create(): Promise<H>;
  /** Server-side apply; resolves when the object is there in the wanted state. */
  ensure(): Promise<H>;
  /** Deletes it if it is ours and of this run, and resolves when it is gone; false where there was nothing to do. `signal` is the clean-up's own budget. */
  remove(signal: AbortSignal): Promise<boolean>;
}

/** What the builders of the door return: a description that a run binds to its cluster session. */
export interface Resource<H> {
  bind(session: Session): Managed<H>;
}
