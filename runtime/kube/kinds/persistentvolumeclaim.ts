/** A claim of our own: a volume that is made for it, holds what is written, grows, and goes with it. */
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { ObjectView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import { change } from './change.ts';
import { claimState, expansionOf, oneMoreGi, phaseOf } from './claim-state.ts';
import type { ClusterView, TimedOut } from './cluster-view.ts';
import { events } from './core-event.ts';
import type { VolumeUse } from './job-manifest.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { managedBy, ourLabels, ourName } from './ownership.ts';
import { ClaimedVolume, volumeGrants } from './persistentvolume.ts';
import { selectorText } from './pod.ts';
import { classes } from './storageclass.ts';
import { conditionViews, eventView } from './views.ts';
import { holds, mountPath, type Said, scripts, wrote } from './volume-content.ts';

const size = '1Gi';
const mostShown = 50;
const served: Served<V1PersistentVolumeClaim> = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
};

const claims = objectKind<V1PersistentVolumeClaim>()({
  ...served,
  grants: {
    makes: toMake('', 'persistentvolumeclaims', ...volumeGrants),
    besides: {
      update: [
        { group: '', resource: 'persistentvolumeclaims', verbs: ['patch'] },
        { group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list'], scope: 'cluster' },
      ],
    },
  },
  // One in use, and one that goes.
  quota: { persistentvolumeclaims: '2' },
  async evidence(view, ask) {
    const query = {
      namespace: view.namespace,
      labelSelector: selectorText({ [managedBy]: ourName }),
      limit: mostShown,
    };
    const list = await ask('list persistentvolumeclaims', (signal) => view.api.list(served, query, signal));
    return { objects: (list?.items ?? []).map(claimView) };
  },
});

/** Whose pods wait for the claim. */
interface Consumer {
  hindrance(afterMs: number): Promise<TimedOut>;
}

/** Its states, what its pods do with its volume, and the volume. */
class TestClaim {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1PersistentVolumeClaim>;
  #watched: Watched<V1PersistentVolumeClaim> | undefined;
  #volume: ClaimedVolume | undefined;
  /** What it was asked to grow to; '': it was not. */
  #wanted = '';

  constructor(view: ClusterView, object: OwnedObject<V1PersistentVolumeClaim>) {
    this.#view = view;
    this.#object = object;
  }

  async create(): Promise<void> {
    const { objects, namespace, scope } = this.#view;
    await this.#object.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: this.#object.ref.name, namespace, labels: ourLabels(scope.id, objects.labels) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: size } },
        ...(objects.storageClass && { storageClassName: objects.storageClass }),
      },
    });
  }

  /** For a Job whose pod writes the line into the volume, and prints what is there then. */
  writes(line: string): VolumeUse {
    return { claim: this.#object.ref.name, mountPath, script: scripts.write(line) };
  }

  /**
   * For a Job whose pod prints what the volume holds, whether it is there or not; on another node than these if the scheduler finds one, and on
   * the same where the volume is nowhere else.
   */
  reads({ nodes }: Said): VolumeUse {
    const affinity = this.#volume?.affinityAfter(nodes);
    return { claim: this.#object.ref.name, mountPath, script: scripts.read, ...(affinity && { affinity }) };
  }

  /**
   * Waits until it is Bound; begins a wait then, for the pods that mount it. Times action `run`. `consumer`: where a volume is made for the node
   * of its pod, what keeps the pod keeps the claim. Raises k8s.claim_pending, and what the consumer says.
   */
  async bound(consumer: Consumer): Promise<void> {
    const { patience, scope } = this.#view;
    this.#watched = await this.#object.watch(this.#object.latest);
    const volume = await this.#view.wait(
      this.#watched,
      ([claim]) => boundTo(claim),
      (why, _, afterMs) => this.#pends(consumer, why, afterMs),
    );
    scope.measure({
      kind: 'action',
      resource: 'persistentvolumeclaim',
      action: 'run',
      durationMs: patience.spentMs,
    });
    patience.begin();
    this.#volume = await ClaimedVolume.read(this.#view, volume);
  }

  /** The pod that wrote found its line there. Raises k8s.volume_unwritable, k8s.log_incorrect, k8s.prerequisite_missing where it may not write. */
  wrote(line: string, written: Said): Said {
    wrote(this.#object, line, written);
    return written;
  }

  /** What was written is what was read; a note says where. Raises k8s.data_lost, k8s.log_incorrect. */
  holds(line: string, written: Said, read: Said): void {
    holds(this.#object, line, written, read);
    const [from, to] = [written, read].map(({ nodes }) => nodes.join(', '));
    this.#view.scope.note(`written on ${from}, read on ${to}${from === to ? (this.#volume?.whyOneNode ?? '') : ''}`);
  }

  /**
   * PATCH: one Gi more than it has, where its class allows that; else a note says so. Waits until all is done but what the kubelet does with the next
   * pod. Begins a wait. Raises k8s.claim_not_expanded.
   */
  async expand(): Promise<void> {
    const { patience, scope } = this.#view;
    const [claim] = this.#watched?.objects ?? [];
    const name = claim?.spec?.storageClassName ?? '';
    patience.begin();
    if (!(await this.#allowsExpansion(name))) {
      scope.note(`not expanded: its class ${name} does not allow it`);
      return;
    }
    const wanted = oneMoreGi(claim?.status?.capacity?.storage ?? size);
    await change(this.#object, { spec: { resources: { requests: { storage: wanted } } } });
    this.#wanted = wanted;
    await this.#grown('but the last');
  }

  /** Waits until it has the size that it was asked to grow to, if it was. Raises k8s.claim_not_expanded. */
  async expanded(): Promise<void> {
    if (this.#wanted) await this.#grown('wholly');
  }

  delete = (): Promise<void> => this.#object.delete();

  /** Raises k8s.not_deleted. */
  isGone = (): Promise<void> => this.#object.isGone();

  /** Waits until its volume is gone. Begins a wait. Raises k8s.volume_left. */
  volumeGone(): Promise<void> {
    this.#view.patience.begin();
    return this.#volume?.gone(this.#object.title) ?? Promise.resolve();
  }

  async #allowsExpansion(name: string): Promise<boolean> {
    const { api } = this.#view;
    this.#view.declared(this.#object.kind, 'update');
    const query = { fieldSelector: `metadata.name=${name}` };
    const list = await this.#view.call(`list storageclass/${name}`, (signal) => api.list(classes, query, signal));
    return list.items[0]?.allowVolumeExpansion === true;
  }

  async #grown(how: 'wholly' | 'but the last'): Promise<void> {
    if (!this.#watched) return;
    const wanted = this.#wanted;
    await this.#view.wait(
      this.#watched,
      ([claim]) => expansionOf(claim, wanted, how === 'but the last'),
      async (why, _, afterMs) => ({
        code: 'k8s.claim_not_expanded',
        message: `${this.#object.title}: expected ${wanted}, after ${seconds(afterMs)} ${why}${await this.#said()}`,
        options: { object: this.#object.ref },
      }),
    );
  }

  async #pends(consumer: Consumer, why: string, afterMs: number): Promise<TimedOut> {
    const { title, ref } = this.#object;
    const said = await this.#said();
    // Made for the node of its pod, which has none.
    if (/^: WaitFor(?:FirstConsumer|PodScheduled)\b/.test(said)) return consumer.hindrance(afterMs);
    const message = `${title}: expected a volume, after ${seconds(afterMs)} ${why}${said}`;
    return { code: 'k8s.claim_pending', message, options: { object: ref } };
  }

  /** The newest word of an event about it. */
  async #said(): Promise<string> {
    const { namespace, api } = this.#view;
    const query = { namespace, fieldSelector: `involvedObject.uid=${this.#object.uid}`, limit: mostShown };
    const list = await this.#view
      .call(`list events of ${this.#object.title}`, (signal) => api.list(events, query, signal))
      .catch(() => undefined);
    const [newest] = (list?.items ?? []).map(eventView).sort((a, b) => b.lastSeen.localeCompare(a.lastSeen));
    return newest ? `: ${newest.reason}: ${newest.message}` : ', and nobody says why';
  }
}

function boundTo(claim: V1PersistentVolumeClaim | undefined): Look<string> {
  if (claim?.status?.phase === 'Bound' && claim.spec?.volumeName) return { done: true, value: claim.spec.volumeName };
  return { done: false, why: phaseOf(claim) };
}

function claimView(claim: V1PersistentVolumeClaim): ObjectView {
  const conditions = conditionViews(claim.status?.conditions);
  return { kind: 'persistentvolumeclaim', name: claim.metadata?.name ?? '', state: claimState(claim), conditions };
}

/** A claim of 1 Gi, of STORAGE_CLASS or the cluster's default class; named TEST_DEPLOYMENT-volume. It is made and deleted. */
function make(): Creatable<TestClaim> {
  return made((view) => {
    const object = new OwnedObject<V1PersistentVolumeClaim>(view, claims, `${view.objects.deployment}-volume`);
    return {
      object,
      create: async () => {
        const created = new TestClaim(view, object);
        await created.create();
        return created;
      },
    };
  });
}

export const persistentVolumeClaim = Object.assign(make, { kind: claims });
