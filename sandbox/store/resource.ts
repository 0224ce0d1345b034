/** One row of the table of what the API serves. */
import type { Plural } from './objects.ts';

export interface Resource {
  readonly plural: Plural;
  readonly singular: string;
  readonly kind: string;
  /** '' is the core group. */
  readonly group: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** Part of `kubectl get all`. */
  readonly inAll?: boolean;
  readonly status?: boolean;
  readonly scale?: boolean;
  /** A change of the spec counts up metadata.generation. */
  readonly generation?: boolean;
  /** A PUT to a name that does not exist creates it. */
  readonly createOnPut?: boolean;
  /** A PUT must name the resourceVersion it replaces. */
  readonly versionOnPut?: boolean;
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly fields?: readonly string[];
}
