/** One thing that was wrong. Types only. */
import type { FindingCode } from '../findings.ts';
import type { Blame } from './blame.ts';
import type { Evidence } from './evidence.ts';
import type { ObjectRef } from './object-ref.ts';

/** One thing that was wrong. Codes are a closed set (findings.ts); equal findings of a step are counted, not repeated. */
export interface Finding {
  readonly code: FindingCode;
  readonly blame: Blame;
  /** One plain sentence: expected, seen, after how long. At most 1,000 characters. */
  readonly message: string;
  readonly count: number;
  readonly object?: ObjectRef;
  /** What the objects showed when it was found; on the first failure of a run only. Bounded. */
  readonly evidence?: Evidence;
}
