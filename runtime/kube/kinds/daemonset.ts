/** A DaemonSet of our own: one pod on every node that it fits. */
import type { V1DaemonSet } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { ObjectView, PodView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { type DaemonNodes, daemonNodes, hasNoRoom, onlyOn } from './daemon-nodes.ts';
import { daemonSetManifest } from './daemonset-manifest.ts';
import { EndsWithPods } from './ends-with-pods.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { OwnedObject } from './owned-object.ts';
import { ofRun } from './ownership.ts';
import { podGrants } from './pod.ts';
import { describe, isReady, standing } from './pod-conditions.ts';
import { TestPods } from './pods.ts';
import { isObserved, shownWithPods, standingContainer, wordOn } from './standing-pods.ts';
import { conditionViews } from './views.ts';

export const served: Served<V1DaemonSet> = { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets' };

export const grants = {
  makes: toMake(
    'apps',
    'daemonsets',
    { group: '', resource: 'nodes', verbs: ['list'], scope: 'cluster' },
    ...podGrants,
  ),
} as const;

const daemonSets = objectKind<V1DaemonSet>()({
  ...served,
  grants,
  // Ten nodes at most, and the pods of the run before, which go.
  quota: {
    'count/daemonsets.apps': '10',
    pods: '24',
    'requests.cpu': '240m',
    'requests.memory': '384Mi',
    'limits.cpu': '4800m',
    'limits.memory': '1536Mi',
  },
  ...shownWithPods(served, daemonSetView),
});

/** Its pods, where they are and where they should be. */
class TestDaemonSet extends EndsWithPods<V1DaemonSet> {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1DaemonSet>;
  #nodes: DaemonNodes;
  readonly #pods: TestPods;

  constructor(view: ClusterView, object: OwnedObject<V1DaemonSet>, nodes: DaemonNodes) {
    const pods = new TestPods(view, object.title, ofRun(object.ref.name, view.scope.id), nodes.wanted.length);
    super(object, pods);
    this.#view = view;
    this.#object = object;
    this.#nodes = nodes;
    this.#pods = pods;
    view.pods = pods;
  }

  async create(): Promise<void> {
    const { name } = this.#object.ref;
    const own = ofRun(name, this.#view.scope.id);
    const spec = { ...onlyOn(this.#nodes.chosen), containers: [standingContainer(this.#view.objects)] };
    await this.#object.create(daemonSetManifest(this.#view, { name, own, spec }));
    this.#pods.timeAllBut([]);
  }

  /** Waits until there is one Ready pod on every node that it fits. Raises timeout.waiting_on_phase, k8s.pod_failed, k8s.replica_failure. */
  async podsReady(): Promise<readonly PodView[]> {
    const { wanted } = this.#nodes;
    try {
      return await this.#pods.until(
        this.#look,
        `a Ready pod on each of ${wanted.join(', ')}`,
        'timeout.waiting_on_phase',
      );
    } catch (error) {
      const now = await this.#pods.list();
      // A node may be cordoned, or gone, since they were counted.
      this.#nodes = await daemonNodes(this.#view, wanted);
      const seen = this.#look(now);
      if (seen.done) return seen.value;
      throw await wordOn(
        error,
        this.#view,
        this.#object,
        standing(now),
        standing(now).length < this.#nodes.wanted.length,
      );
    }
  }

  /** No node has two of them, and no node that it does not fit has one. Raises k8s.replica_failure. */
  podsWhereTheyFit(pods: readonly PodView[]): void {
    const defect = (message: string) =>
      new Defect('k8s.replica_failure', `${this.#object.title}: ${message}`, { object: this.#object.ref });
    const placed = Map.groupBy(standing(pods), ({ node = '' }) => node);
    placed.delete('');
    throwFindings(
      [...placed].flatMap(([node, here]) => [
        ...(here.length > 1
          ? [defect(`${here.length} pods on ${node}: ${here.map(({ name }) => name).join(', ')}`)]
          : []),
        ...(this.#nodes.allowed.has(node) ? [] : [defect(`${here[0]?.name} is on ${node}, which it does not fit`)]),
      ]),
    );
  }

  /** What has no room on its node does not fit it. */
  readonly #look = (pods: readonly PodView[]) => {
    const alive = standing(pods);
    const ready = new Set(alive.filter(isReady).map(({ node }) => node));
    const full = alive.filter(hasNoRoom);
    const missing = this.#nodes.wanted.filter((node) => !ready.has(node));
    if (missing.length <= full.length) {
      for (const pod of full) this.#view.scope.note(describe(pod));
      return { done: true, value: alive } as const;
    }
    const trouble = alive.filter((pod) => !isReady(pod)).map((pod) => describe(pod));
    return { done: false, why: [`none Ready on ${missing.join(', ')}`, ...trouble].join('; ') } as const;
  };
}

export function daemonSetView(set: V1DaemonSet): ObjectView {
  const { metadata, status } = set;
  const state = `${status?.numberReady ?? 0} of ${status?.desiredNumberScheduled ?? 0} pods Ready, ${status?.numberMisscheduled ?? 0} where they do not fit`;
  return {
    kind: 'daemonset',
    name: metadata?.name ?? '',
    state,
    conditions: conditionViews(status?.conditions),
    isObserved: isObserved(set),
  };
}

/** A DaemonSet, on ten nodes at most; named TEST_DEPLOYMENT-daemonset. It is made and deleted. */
function make(): Creatable<TestDaemonSet> {
  return made((view) => {
    const object = new OwnedObject<V1DaemonSet>(view, daemonSets, `${view.objects.deployment}-daemonset`);
    return {
      object,
      create: async () => {
        const created = new TestDaemonSet(view, object, await daemonNodes(view));
        await created.create();
        return created;
      },
    };
  });
}

export const daemonSet = Object.assign(make, { kind: daemonSets });
