/** The volume behind a claim, by its name: nobody makes one here, and nobody removes one. */
import type { V1Affinity, V1PersistentVolume } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Grant } from '../../model/use.ts';
import type { Served } from '../client/served.ts';
import type { Look } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { seconds, whyStuck } from './object-words.ts';

const volumes: Served<V1PersistentVolume> = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'cluster',
};

/** To read one by its name, and to see it go. */
export const volumeGrants: readonly Grant[] = [
  { group: '', resource: 'persistentvolumes', verbs: ['list', 'watch'], scope: 'cluster' },
];

/** As it was when its claim was bound. */
export class ClaimedVolume {
  readonly #view: ClusterView;
  readonly #name: string;
  readonly #seen: V1PersistentVolume | undefined;

  constructor(view: ClusterView, name: string, seen: V1PersistentVolume | undefined) {
    this.#view = view;
    this.#name = name;
    this.#seen = seen;
  }

  static async read(view: ClusterView, name: string): Promise<ClaimedVolume> {
    const query = { fieldSelector: `metadata.name=${name}` };
    const list = await view.call(`list persistentvolume/${name}`, (signal) => view.api.list(volumes, query, signal));
    return new ClaimedVolume(view, name, list.items[0]);
  }

  /** A path of one node, without a word of where else it is: the scheduler does not know that it is nowhere else. */
  get #isOfOneNode(): boolean {
    const { hostPath, nodeAffinity } = this.#seen?.spec ?? {};
    return Boolean(hostPath && !nodeAffinity);
  }

  /** Why it was read where it was written, as the end of a sentence. */
  get whyOneNode(): string {
    if (this.#isOfOneNode) return ': it is a hostPath, which is on one node';
    return this.#seen?.spec?.nodeAffinity
      ? ', where its node affinity or the scheduler keeps it'
      : ', as the scheduler chose';
  }

  /** Another node if there is one that the volume, and all else, allows: a wish, and no demand, since who else has a say nobody can tell. */
  affinityAfter(nodes: readonly string[]): V1Affinity | undefined {
    if (nodes.length === 0) return undefined;
    const term = (operator: 'In' | 'NotIn') => ({
      matchFields: [{ key: 'metadata.name', operator, values: [...nodes] }],
    });
    if (this.#isOfOneNode)
      return {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('In')] } },
      };
    const preferred = [{ weight: 100, preference: term('NotIn') }];
    return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
  }

  /** Waits until it is gone; `claim`: whose it was. Raises k8s.volume_left, k8s.prerequisite_missing where its own reclaim policy keeps it. */
  async gone(claim: string): Promise<void> {
    const title = `persistentvolume/${this.#name}`;
    const object = { kind: 'persistentvolume', name: this.#name };
    const policy = this.#seen?.spec?.persistentVolumeReclaimPolicy;
    if (policy && policy !== 'Delete')
      throw new Defect(
        'k8s.prerequisite_missing',
        `${title} of ${claim} is kept by its reclaim policy ${policy}: remove it, and choose a class whose volumes are deleted by STORAGE_CLASS`,
        { object },
      );
    const fieldSelector = `metadata.name=${this.#name}`;
    const watched = this.#view.watch<V1PersistentVolume>({ what: title, kind: volumes, fieldSelector });
    await watched.start();
    await this.#view.wait(
      watched,
      ([volume]): Look<void> => (volume ? { done: false, why: stateOf(volume) } : { done: true, value: undefined }),
      (why, _, afterMs) => ({
        code: 'k8s.volume_left',
        message: `${title} of ${claim} is still there ${seconds(afterMs)} after the claim: ${why}`,
        options: { object },
      }),
    );
    watched.stop();
  }
}

function stateOf(volume: V1PersistentVolume): string {
  const { phase, message } = volume.status ?? {};
  const by = volume.metadata?.annotations?.['pv.kubernetes.io/provisioned-by'];
  const going = volume.metadata?.deletionTimestamp ? `being deleted${whyStuck(volume)}` : `it is ${phase}`;
  return [`${going}${message ? `: ${message}` : ''}`, by && `made by ${by}`].filter(Boolean).join(', ');
}
