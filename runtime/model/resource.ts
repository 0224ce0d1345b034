/** What a suite makes in the cluster. Types only. */
import type { ObjectRef } from './object-ref.ts';
import type { Session } from './session-contract.ts';

/** A thing in the cluster that a suite makes, bound to one run. What `t.use` and `t.ensure` hand out is its handle `H`. */
export interface Created<H> {
  readonly ref: ObjectRef;
  /** POST. Our leftover of a dead run under that name is removed first; an object that is not ours is a defect. */
  create(): Promise<H>;
  /** Deletes it if it is ours and of this run, and resolves when it is gone; false where there was nothing to do. `signal` is the clean-up's own budget. */
  remove(signal: AbortSignal): Promise<boolean>;
}

export interface Managed<H> extends Created<H> {
  /** Server-side apply; resolves when the object is there in the wanted state. */
  ensure(): Promise<H>;
}

/** What builders of kinds return that can only be made, as a Job: `t.ensure` does not take it. */
export interface Creatable<H> {
  bind(session: Session): Created<H>;
}

/** What a suite looks at and nobody of us makes, as `pods({ app: 'web' })`; for `t.find`. */
export interface Findable<H> {
  find(session: Session | undefined): H;
}

/** What the builders of the door return: a description that a run binds to its cluster session. */
export interface Resource<H> extends Creatable<H> {
  bind(session: Session): Managed<H>;
}
