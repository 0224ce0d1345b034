/** One setting as data. */
import type { Parse } from './values.ts';

export interface Setting<T> {
  /** As one would write it; '' is unset. */
  readonly default: string;
  readonly description: string;
  readonly example: string;
  readonly parse: Parse<T>;
  readonly unit?: string;
  /** Its value is never shown. */
  readonly secret?: true;
}
