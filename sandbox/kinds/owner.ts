/** What the controllers of kinds that own pods have alike. */
import type { Cluster } from '../cluster.ts';
import { atKey, createQueue, keyOf } from '../controllers/queue.ts';
import type { KubeObject, Plural } from '../store/objects.ts';
import type { Deeds } from './kind.ts';

type Again = (key: string, ms: number) => void;

/** Looks at an object, by its key, at each change of it or of a pod that it owns, and at each fault. `alsoAt`: at each change of these, at all. */
export function watchOwners(
  cluster: Cluster,
  { plural: own, kind, alsoAt }: { readonly plural: Plural; readonly kind: string; readonly alsoAt?: Plural },
  reconcile: (key: string, again: Again) => void,
): void {
  const { store, timing, faults } = cluster;
  const queue = createQueue(cluster, (key) => reconcile(key, queue.add), timing.reconcileMs);
  const all = () => {
    for (const made of store.list(own)) queue.add(keyOf(made));
  };
  store.subscribe(({ plural, object }) => {
    if (plural === own) queue.add(keyOf(object));
    if (plural === alsoAt) all();
    const owner = object.metadata.ownerReferences?.find((one) => one.kind === kind);
    if (plural === 'pods' && owner) queue.add(`${object.metadata.namespace}/${owner.name}`);
  });
  faults.onChange(all);
}

/** Undefined: it is gone, or going. */
export function standingOwner<P extends Plural>({ store }: Cluster, plural: P, key: string) {
  const { name, namespace } = atKey(key);
  const made = store.get(plural, name, namespace);
  return made?.metadata.deletionTimestamp ? undefined : made;
}

/** What the controller says of a pod, in events of its owner. */
export interface PodWords {
  /** `job-controller` */
  readonly by: string;
  made(pod: string): string;
  refused(why: string): string;
}

/** False: it may not be made. */
export function makePod(cluster: Cluster, deeds: Deeds, owner: KubeObject, pod: object, words: PodWords): boolean {
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    cluster.recordEvent({ about: owner, by: words.by, type, reason, message });
  try {
    const { metadata } = deeds.create('pods', pod);
    record('Normal', 'SuccessfulCreate', words.made(metadata.name));
    return true;
  } catch (error) {
    const why = deeds.refusal(error);
    if (why === undefined) throw error;
    record('Warning', 'FailedCreate', words.refused(why));
    return false;
  }
}

/** As the controllers of Jobs and DaemonSets say it. */
export function plainWords(by: string): PodWords {
  return { by, made: (pod) => `Created pod: ${pod}`, refused: (why) => `Error creating: ${why}` };
}
