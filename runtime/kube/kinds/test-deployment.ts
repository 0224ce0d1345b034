import type { V1Deployment } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { DeploymentView, PodView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import type { ClusterView } from './cluster-view.ts';
import { type DeploymentOptions, type DeploymentState, deploymentManifest } from './deployment-manifest.ts';
import { notRolledOut, wordOfController, wordOfPlaces } from './deployment-words.ts';
import { type Family, haveBothFamilies, podTargets } from './families.ts';
import { outdated } from './images.ts';
import { readLogs } from './logs.ts';
import type { OwnedObject } from './owned-object.ts';
import { countPlaces, foundPlaces } from './placement.ts';
import { all, isReady, isScheduled, none, remaining, standing, troubles } from './pod-conditions.ts';
import { TestPods } from './pods.ts';
import { rolledOut } from './rollout.ts';
import { inDifferentZones, onDifferentNodes } from './spread.ts';
import { containerName, imageOf, selectorOf } from './test-objects.ts';
import { deploymentView } from './views.ts';

/** The handle of the test deployment: its states, changes and pods, as a suite speaks of them. */
export class TestDeployment {
  readonly #session: ClusterView;
  readonly #object: OwnedObject<V1Deployment>;
  readonly #options: DeploymentOptions;
  readonly #runId: string | undefined;
  readonly #pods: TestPods;
  /** The pods that stood before the last change. */
  #before: readonly PodView[] = [];
  /** Watched since it was made: the watch cannot show a state from before a change. */
  #fresh = false;
  /** A log could not be read: the pods may be others by now. */
  #isOld = false;

  constructor(
    session: ClusterView,
    object: OwnedObject<V1Deployment>,
    options: DeploymentOptions,
    runId: string | undefined,
  ) {
    this.#session = session;
    this.#object = object;
    this.#options = options;
    this.#runId = runId;
    this.#pods = new TestPods(session, object.title, selectorOf(session.objects, runId), this.#replicas);
  }

  async create(): Promise<void> {
    this.#session.pods = this.#pods;
    await countPlaces(this.#session, this.#object.title);
    await this.#object.create(this.#manifest({}));
    this.#fresh = true;
    this.#pods.timeAllBut([]);
  }

  /**
   * Applies the standard state and waits until it is rolled out. Where it was not, its pods are counted as well: the status of a
   * deployment that is scaled back at once may still speak of the pods of before. Raises what `rolledOut` raises.
   */
  async ensure(): Promise<void> {
    this.#session.pods = this.#pods;
    const applied = await this.#object.apply(this.#manifest({}));
    if (rolledOut(deploymentView(applied)).done) return foundPlaces(this.#session);
    await countPlaces(this.#session, this.#object.title);
    await this.#awaitRollout();
    const ready = standing(await this.#pods.list()).filter(isReady);
    if (ready.length < this.#replicas) await this.#untilPods('Ready', isReady, 'timeout.events');
  }

  /** Finds the deployment that was made. Raises api.not_found. */
  async exists(): Promise<void> {
    await this.#object.exists();
  }

  /** Waits until every replica has a node. Raises timeout.events, k8s.replica_failure, k8s.pod_failed. */
  podsScheduled(): Promise<readonly PodView[]> {
    return this.#untilPods('scheduled', isScheduled, 'timeout.events');
  }

  /** Waits until every replica's Ready condition is true. Raises timeout.waiting_on_phase, k8s.replica_failure, k8s.pod_failed. */
  async podsReady(): Promise<readonly PodView[]> {
    return (await this.#readyNow()) ?? (await this.#untilPods('Ready', isReady, 'timeout.waiting_on_phase'));
  }

  /** Raises k8s.same_node. */
  podsOnDifferentNodes(pods: readonly PodView[]): void {
    onDifferentNodes(this.#session, pods);
  }

  /** By the label ANTI_AFFINITY_KEY. Raises k8s.same_data_centre, k8s.no_zone_label_on_node. */
  async podsOnDifferentDataCentres(pods: readonly PodView[]): Promise<void> {
    await inDifferentZones(this.#session, pods, (lost) => this.#pods.areLost(lost));
  }

  /** Asks for another image, and with `revision` for new pods in any case. Begins a wait. */
  async update(state: Pick<DeploymentState, 'image' | 'revision'>): Promise<void> {
    this.#pods.askedToGo(await this.#remember());
    await this.#object.apply(this.#manifest(state));
  }

  /** Waits until it is rolled out as `kubectl rollout status` means it; times action `update`. Raises timeout.events, k8s.replica_failure, k8s.pod_failed. */
  async rolledOut(): Promise<void> {
    await this.#awaitRollout();
    this.#object.measure('update', this.#session.patience.spentMs);
  }

  /** Waits until no pod from before the update is left. Raises k8s.not_deleted. */
  async oldPodsGone(): Promise<void> {
    const old = new Set(this.#before.map((pod) => pod.uid));
    const left = (pods: readonly PodView[]) => remaining(pods).filter((pod) => old.has(pod.uid));
    const gone = (pods: readonly PodView[]) => none('from before the update left')(left(pods));
    await this.#pods.until(gone, 'no pod from before the update', 'k8s.not_deleted');
  }

  /** After a rollout every standing pod is asked to run, and by its container status runs, the image. Raises k8s.image_not_updated. */
  async podsRun(choice: DeploymentState['image']): Promise<void> {
    const pods = await this.#pods.list();
    const { length } = standing(pods);
    const tooFew = new Defect('k8s.image_not_updated', `Only ${length} of ${this.#replicas} pods run at all`);
    throwFindings([
      ...(length < this.#replicas ? [tooFew] : []),
      ...outdated(pods, imageOf(this.#session.objects, choice), this.#before),
    ]);
  }

  /** PATCH of the scale. Begins a wait. */
  async scale(replicas: number): Promise<void> {
    const { kind, ref, title } = this.#object;
    const { namespace, api, patience } = this.#session;
    this.#session.declared(kind, 'scale');
    this.#pods.askedToGo(replicas === 0 ? undefined : []);
    await this.#remember();
    patience.begin();
    const place = { namespace, name: ref.name };
    await this.#session.call(`scale ${title}`, (signal) =>
      api.patch(kind, place, { spec: { replicas } }, signal, 'scale'),
    );
  }

  /** Waits until every pod carries a deletion timestamp, or is gone already. Raises timeout.events. */
  async podsMarkedForDeletion(): Promise<void> {
    const marked = (pods: readonly PodView[]) => none('not marked for deletion')(standing(pods));
    await this.#pods.until(marked, 'every pod marked for deletion', 'timeout.events');
  }

  /** Waits on the watch until no pod is left; after `scale` times action `scale`. Raises k8s.not_deleted. */
  async podsGone(): Promise<void> {
    await this.#pods.gone();
    if (this.#before.length > 0) this.#object.measure('scale', this.#session.patience.spentMs);
  }

  /** Lists once more, from the API server's store: nothing is left. Raises k8s.not_deleted. */
  async noPodsListed(): Promise<void> {
    const left = remaining(await this.#pods.list());
    const listed = ({ name }: PodView) =>
      new Defect('k8s.not_deleted', `pod/${name} is listed again`, { object: { kind: 'pod', name } });
    throwFindings(left.map(listed));
  }

  delete(): Promise<void> {
    this.#pods.askedToGo();
    return this.#object.delete();
  }

  /** Raises k8s.not_deleted. */
  isGone(): Promise<void> {
    return this.#object.isGone();
  }

  /** Raises k8s.address_missing. */
  podsHaveBothFamilies(pods: readonly PodView[]): void {
    haveBothFamilies(pods);
  }

  /** Where HTTP requests to the ready pods go: to the first address of each, or to that of the family, where it has one. */
  targets(pods: readonly PodView[], family?: Family): readonly HttpTarget[] {
    return podTargets(pods, this.#session.namespace, family);
  }

  /** Name → newest log lines of each pod that was Ready when the pods were last listed. Raises k8s.log_incorrect, api.*. */
  async logs(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { views } = this.#pods;
    const pods = views.length > 0 && !this.#isOld ? views : await this.#pods.list();
    this.#isOld = true;
    const logs = await readLogs(this.#session, standing(pods).filter(isReady), containerName);
    this.#isOld = false;
    return logs;
  }

  get #replicas(): number {
    return this.#options.replicas ?? this.#session.objects.replicas;
  }

  #manifest(state: Partial<DeploymentState>): V1Deployment {
    const { objects, namespace } = this.#session;
    const standard: DeploymentState = { image: 'first', ...this.#options, replicas: this.#replicas };
    return deploymentManifest(objects, namespace, { ...standard, ...state }, this.#runId);
  }

  /** From a LIST of now: after a rollout the watch may still show the pods of before. */
  async #readyNow(): Promise<readonly PodView[] | undefined> {
    if (this.#fresh) return undefined;
    const seen = all(this.#replicas, 'Ready', isReady)(await this.#pods.list());
    return seen.done ? seen.value : undefined;
  }

  async #remember(): Promise<readonly PodView[]> {
    this.#before = await this.#pods.start();
    this.#pods.timeAllBut(this.#before);
    return this.#before;
  }

  async #untilPods(
    word: string,
    holds: (pod: PodView) => boolean,
    code: 'timeout.events' | 'timeout.waiting_on_phase',
  ) {
    try {
      return await this.#pods.until(all(this.#replicas, word, holds), `${this.#replicas} pods ${word}`, code);
    } catch (error) {
      const { views } = this.#pods;
      const word =
        (await wordOfController(error, this.#object, standing(views).length, this.#replicas)) ??
        (await wordOfPlaces(error, this.#session, this.#object.title, views));
      throw word ?? error;
    }
  }

  async #awaitRollout(): Promise<void> {
    const applied = this.#object.latest;
    const watched = await this.#object.watch(applied);
    await this.#session.wait(
      watched,
      (objects) => rolledOut(viewOf(objects)),
      (why, objects, afterMs) => {
        const pods = () => this.#pods.list();
        const unfinished = { why, deployment: viewOf(objects), afterMs, replicas: this.#replicas, pods };
        return notRolledOut(this.#session, this.#object, unfinished);
      },
      // Known where the pods are watched anyway.
      () => troubles(this.#pods.views),
    );
    watched.stop();
  }
}

function viewOf(objects: readonly V1Deployment[]): DeploymentView | undefined {
  return objects[0] && deploymentView(objects[0]);
}
