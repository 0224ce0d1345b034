import type { KubernetesObject } from '@kubernetes/client-node';
import type { OwnedObject } from './owned-object.ts';
import type { TestPods } from './pods.ts';

/** The handle of an object of ours that goes with its pods. */
export class EndsWithPods<T extends KubernetesObject> {
  readonly #object: OwnedObject<T>;
  readonly #pods: TestPods;

  constructor(object: OwnedObject<T>, pods: TestPods) {
    this.#object = object;
    this.#pods = pods;
  }

  /** DELETE. Begins a wait. */
  delete(): Promise<void> {
    this.#pods.askedToGo();
    return this.#object.delete();
  }

  /** Raises k8s.not_deleted. */
  isGone(): Promise<void> {
    return this.#object.isGone();
  }

  /** Waits until no pod is left. Raises k8s.not_deleted. */
  podsGone(): Promise<void> {
    return this.#pods.gone();
  }
}
