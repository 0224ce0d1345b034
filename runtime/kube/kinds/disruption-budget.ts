/** A PodDisruptionBudget over the test pods, and evictions as a drain asks for them. */
import type { V1Pod, V1PodDisruptionBudget } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ObjectView, PodView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import type { Served } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ClusterView, TimedOut } from './cluster-view.ts';
import { objectKind, toMake } from './kind.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { pods as podKind, selectorText } from './pod.ts';
import { isReady, standing } from './pod-conditions.ts';
import { isObserved } from './standing-pods.ts';
import { selectorOf } from './test-objects.ts';
import { conditionViews, podView } from './views.ts';

const served: Served<V1PodDisruptionBudget> = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
};

const budgets = objectKind<V1PodDisruptionBudget>()({
  ...served,
  grants: {
    makes: toMake('policy', 'poddisruptionbudgets'),
    besides: { evict: [{ group: '', resource: 'pods/eviction', verbs: ['create'] }] },
  },
  quota: { 'count/poddisruptionbudgets.policy': '10' },
  async evidence(view, ask) {
    const query = { namespace: view.namespace, fieldSelector: `metadata.name=${view.objects.deployment}` };
    const list = await ask('list poddisruptionbudgets', (signal) => view.api.list(served, query, signal));
    return { objects: (list?.items ?? []).map(budgetView) };
  },
});

/** Of the eviction API; everything else of 429 is throttling. Source: k8s.io/api/policy/v1, DisruptionBudgetCause. */
const budgetCause = 'DisruptionBudget';
/** Source: pkg/registry/core/pod/storage/eviction.go. */
const severalBudgets = /more than one PodDisruptionBudget/;

/** Its state, and evictions under it. */
class TestBudget {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1PodDisruptionBudget>;
  readonly #minAvailable: number;
  #watched: Watched<V1PodDisruptionBudget> | undefined;

  constructor(view: ClusterView, object: OwnedObject<V1PodDisruptionBudget>, minAvailable: number) {
    this.#view = view;
    this.#object = object;
    this.#minAvailable = minAvailable;
  }

  async create(): Promise<void> {
    const { objects, namespace, scope } = this.#view;
    const { name } = this.#object.ref;
    await this.#object.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace, labels: ourLabels(scope.id, objects.labels) },
      spec: { minAvailable: this.#minAvailable as never, selector: { matchLabels: selectorOf(objects) } },
    });
  }

  /** Waits until its controller has counted the pods and allows an eviction. Raises k8s.budget_stale, timeout.waiting_on_phase. */
  async allowsOne(): Promise<void> {
    if (!this.#watched) this.#watched = await this.#object.watch(this.#object.latest);
    await this.#view.wait(
      this.#watched,
      ([budget]) => this.#look(budget),
      (why, _, afterMs) => this.#allowsNone(why, afterMs),
    );
  }

  /** It goes as in a drain, and its budget with it: the next may not. Begins a wait. Raises k8s.eviction_wrong, k8s.prerequisite_missing, api.*. */
  async evict(pod: PodView): Promise<void> {
    this.#view.patience.begin();
    this.#view.pods?.askedToGo([pod]);
    const refusal = await this.#ask(pod);
    if (refusal) throw this.#wrong(`allows an eviction, and that of pod/${pod.name} was refused: ${refusal}`);
  }

  /**
   * Refused, since too few would be left. One that is done says nothing where others were Ready in the meantime: a note says so. Raises
   * k8s.eviction_wrong, k8s.prerequisite_missing, api.*.
   */
  async refusesToEvict(pod: PodView): Promise<void> {
    this.#view.pods?.askedToGo([pod]);
    if (await this.#ask(pod)) return;
    const left = await this.#readyNow();
    const words = `pod/${pod.name} was evicted at once after another, and ${left} of at least ${this.#minAvailable} are Ready`;
    if (left < this.#minAvailable) throw this.#wrong(words);
    this.#view.scope.note(`${words}: the one before had been replaced already`);
  }

  /** Asks without doing it: it would be done again. Raises k8s.eviction_wrong, k8s.prerequisite_missing, api.*. */
  async wouldEvict(pod: PodView): Promise<void> {
    const refusal = await this.#ask(pod, true);
    if (refusal) throw this.#wrong(`allows an eviction, and that of pod/${pod.name} would be refused: ${refusal}`);
  }

  /** What the budget said against it; undefined: it is done. */
  #ask({ name, uid }: PodView, dryRun = false): Promise<string | undefined> {
    const { api, namespace } = this.#view;
    this.#view.declared(budgets, 'evict');
    const request = `evict pod/${name}`;
    const deleteOptions = { preconditions: { uid }, ...(dryRun && { dryRun: ['All'] }) };
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
    const isFinal = ({ status, causes, message }: ApiFailure) =>
      (status === 429 && causes.includes(budgetCause)) || severalBudgets.test(message);
    const onFailure = (failure: ApiFailure): string | undefined => {
      if (failure.causes.includes(budgetCause)) return failure.message;
      // Its answer was lost, or somebody else removed it: it is gone.
      if (failure.status === 404 && failure.about === 'pods') return undefined;
      if (!severalBudgets.test(failure.message)) throw defectOf(failure, request, 0);
      const why = `${failure.message} Somebody else has one for the test pods: remove it`;
      throw new Defect('k8s.prerequisite_missing', `${request}: ${why}`, { object: this.#object.ref });
    };
    const send = async (signal: AbortSignal) => {
      await api.submit(podKind, { namespace, name }, 'eviction', body, signal);
      return undefined;
    };
    return this.#view.call<string | undefined>(request, send, onFailure, isFinal);
  }

  #look(budget: V1PodDisruptionBudget | undefined): Look<void> {
    if (!budget) return { done: false, why: 'it is not there' };
    if (!isObserved(budget)) return { done: false, why: 'its controller has not looked at it' };
    const { disruptionsAllowed, currentHealthy } = budget.status ?? {};
    // Before the controller has seen an eviction it may still count the pod.
    const isDone = disruptionsAllowed === 1 && currentHealthy === this.#minAvailable + 1;
    return isDone ? { done: true, value: undefined } : { done: false, why: wordsOf(budget) };
  }

  async #allowsNone(why: string, afterMs: number): Promise<TimedOut> {
    const { title, ref } = this.#object;
    const ready = await this.#readyNow();
    const isStale = ready > this.#minAvailable;
    return {
      code: isStale ? 'k8s.budget_stale' : 'timeout.waiting_on_phase',
      message: `${title}: ${ready} pods are Ready, of which it lets one go, and after ${seconds(afterMs)} its status is: ${why}`,
      options: { object: ref },
    };
  }

  async #readyNow(): Promise<number> {
    const { api, namespace, objects } = this.#view;
    const query = { namespace, labelSelector: selectorText(selectorOf(objects)) };
    const list = await this.#view.call('list pods', (signal) => api.list<V1Pod>(podKind, query, signal));
    return standing(list.items.map(podView)).filter(isReady).length;
  }

  #wrong(why: string): Defect {
    return new Defect('k8s.eviction_wrong', `${this.#object.title}: ${why}`, { object: this.#object.ref });
  }
}

function wordsOf({ status }: V1PodDisruptionBudget): string {
  const { disruptionsAllowed = 0, currentHealthy = 0, expectedPods = 0 } = status ?? {};
  return `${disruptionsAllowed} evictions allowed, ${currentHealthy} of ${expectedPods} pods healthy`;
}

function budgetView(budget: V1PodDisruptionBudget): ObjectView {
  const { metadata, status } = budget;
  const conditions = conditionViews(status?.conditions);
  const name = metadata?.name ?? '';
  return { kind: 'poddisruptionbudget', name, state: wordsOf(budget), conditions, isObserved: isObserved(budget) };
}

/** Over the pods of the standing deployment; named TEST_DEPLOYMENT. `minAvailable`: one less than its pods. */
function make({ minAvailable }: { minAvailable: number }): Creatable<TestBudget> {
  return made((view) => {
    const object = new OwnedObject<V1PodDisruptionBudget>(view, budgets, view.objects.deployment);
    return {
      object,
      create: async () => {
        const created = new TestBudget(view, object, minAvailable);
        await created.create();
        return created;
      },
    };
  });
}

export const disruptionBudget = Object.assign(make, { kind: budgets });
