/** What one file of this folder says of its kind; the tables of the API and the controllers read it. */
import type { Cluster } from '../cluster.ts';
import type { KubeObject, Plural, PodTemplate } from '../store/objects.ts';

/** What its controller may do: given to it, since what does it reads the tables that the kind is in. */
export interface Deeds {
  /** Throws a Refusal, as the API server refuses. */
  create(plural: Plural, object: object): KubeObject;
  remove(plural: Plural, object: KubeObject): void;
  /** Why the API server refused it; undefined: something else was thrown. */
  refusal(error: unknown): string | undefined;
}

export interface SandboxKind {
  /** Its row is in store/resources.ts, which everything reads. */
  readonly plural: Plural;
  /** What the API server fills in. */
  defaults?(object: KubeObject): void;
  /** Of its pods, which get the defaults of pods and must have containers. */
  template?(object: KubeObject): PodTemplate | undefined;
  start?(cluster: Cluster, deeds: Deeds): void;
}
