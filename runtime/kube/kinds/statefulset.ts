/** A StatefulSet of our own: pods of stable names that come one after another, and go in turn. */
import type { V1StatefulSet } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { ObjectView, PodView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { EndsWithPods } from './ends-with-pods.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { OrderOfPods } from './order-of-pods.ts';
import { OwnedObject } from './owned-object.ts';
import { ofRun, ourLabels } from './ownership.ts';
import { podGrants, podsQuota } from './pod.ts';
import { all, isReady, none, remaining, standing } from './pod-conditions.ts';
import { podTemplate } from './pod-template.ts';
import { TestPods } from './pods.ts';
import { isObserved, shownWithPods, standingContainer, wordOn } from './standing-pods.ts';
import { conditionViews } from './views.ts';

const served: Served<V1StatefulSet> = { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' };
const replicas = 3;

const statefulSets = objectKind<V1StatefulSet>()({
  ...served,
  grants: {
    makes: toMake('apps', 'statefulsets', ...podGrants),
    besides: { scale: [{ group: 'apps', resource: 'statefulsets/scale', verbs: ['patch'] }] },
  },
  quota: { 'count/statefulsets.apps': '10', ...podsQuota },
  ...shownWithPods(served, statefulSetView),
});

/** Its pods, and the order in which they come and go. */
class TestStatefulSet extends EndsWithPods<V1StatefulSet> {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1StatefulSet>;
  readonly #pods: TestPods;
  readonly #order: OrderOfPods;

  constructor(view: ClusterView, object: OwnedObject<V1StatefulSet>) {
    const { name } = object.ref;
    const order = new OrderOfPods(name, replicas);
    const own = ofRun(name, view.scope.id);
    const pods = new TestPods(view, object.title, own, replicas, (seen) => order.see(seen));
    super(object, pods);
    this.#view = view;
    this.#object = object;
    this.#order = order;
    this.#pods = pods;
    view.pods = pods;
  }

  async create(): Promise<void> {
    // From before it is made: what comes first is seen first.
    await this.#pods.start();
    await this.#object.create(this.#manifest());
    this.#pods.timeAllBut([]);
  }

  /** Waits until all of its three pods are Ready. Raises timeout.waiting_on_phase, k8s.pod_failed, k8s.replica_failure. */
  async podsReady(): Promise<readonly PodView[]> {
    try {
      const look = all(replicas, 'Ready', isReady);
      return await this.#pods.until(look, `${replicas} pods Ready`, 'timeout.waiting_on_phase');
    } catch (error) {
      const pods = standing(this.#pods.views);
      // As long as one is not Ready the next is not made.
      throw await wordOn(error, this.#view, this.#object, pods, pods.every(isReady));
    }
  }

  /** Each began after the one before it had been Ready, and is named by its number. Raises k8s.wrong_order. */
  cameInOrder(): void {
    this.#judge(this.#order.wrongStarts);
  }

  /** PATCH. Begins a wait. */
  async scale(to: number): Promise<void> {
    const { api, namespace, patience } = this.#view;
    this.#view.declared(this.#object.kind, 'scale');
    this.#pods.askedToGo();
    this.#order.shrinks();
    patience.begin();
    const place = { namespace, name: this.#object.ref.name };
    await this.#view.call(`scale ${this.#object.title} to ${to}`, (signal) =>
      api.patch(served, place, { spec: { replicas: to } }, signal, 'scale'),
    );
  }

  /** Waits until as many are left. Raises k8s.not_deleted. */
  async podsLeft(count: number): Promise<void> {
    const look = (pods: readonly PodView[]) => {
      const left = remaining(pods);
      if (left.length <= count) return { done: true, value: undefined } as const;
      return none('left')(left);
    };
    await this.#pods.until(look, `${count} left`, 'k8s.not_deleted');
    this.#object.measure('scale', this.#view.patience.spentMs);
  }

  /** None went before those of a higher number had gone. Raises k8s.wrong_order. */
  wentInOrder(): void {
    this.#judge(this.#order.wrongEnds);
  }

  #judge(wrong: readonly string[]): void {
    const { title, ref } = this.#object;
    throwFindings(wrong.map((why) => new Defect('k8s.wrong_order', `${title}: ${why}`, { object: ref })));
  }

  #manifest(): V1StatefulSet {
    const { objects, namespace, scope } = this.#view;
    const { name } = this.#object.ref;
    const labels = ourLabels(scope.id, objects.labels);
    const own = ofRun(name, scope.id);
    return {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name, namespace, labels },
      spec: {
        replicas,
        serviceName: name,
        selector: { matchLabels: own },
        template: podTemplate(objects, {
          labels: { ...labels, ...own },
          spec: { containers: [standingContainer(objects)] },
        }),
      },
    };
  }
}

function statefulSetView(set: V1StatefulSet): ObjectView {
  const { metadata, spec, status } = set;
  const state = `${status?.readyReplicas ?? 0} of ${spec?.replicas ?? 1} pods Ready`;
  const conditions = conditionViews(status?.conditions);
  return { kind: 'statefulset', name: metadata?.name ?? '', state, conditions, isObserved: isObserved(set) };
}

/** A StatefulSet of three pods; named TEST_DEPLOYMENT-stateful. It is made and deleted. */
function make(): Creatable<TestStatefulSet> {
  return made((view) => {
    const object = new OwnedObject<V1StatefulSet>(view, statefulSets, `${view.objects.deployment}-stateful`);
    return {
      object,
      create: async () => {
        const created = new TestStatefulSet(view, object);
        await created.create();
        return created;
      },
    };
  });
}

export const statefulSet = Object.assign(make, { kind: statefulSets });
