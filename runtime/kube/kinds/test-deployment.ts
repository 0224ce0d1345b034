import type { V1Deployment } from '@kubernetes/client-node';
import { Defect, findingsOf, throwFindings } from '../../defects.ts';
import type { DeploymentView, PodView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import { differentNodes, differentZones, topologyOf } from '../session/nodes.ts';
import { type OwnedObject, seconds } from '../session/owned.ts';
import { countPlaces, foundPlaces, noPlaces, tooFewPlaces } from '../session/placement.ts';
import type { KubeSession, TimedOut } from '../session/session.ts';
import { outdated } from './images.ts';
import { readLogs } from './logs.ts';
import { all, codeOf, isReady, isScheduled, none, remaining, standing, troubles } from './pod-conditions.ts';
import { TestPods } from './pods.ts';
import { cannotMakePods, replicaFailure, rolledOut } from './rollout.ts';
import {
  type DeploymentWish,
  deploymentManifest,
  type ImageChoice,
  imageOf,
  podPort,
  selectorOf,
} from './test-objects.ts';
import { deploymentView } from './views.ts';

/** The handle of the test deployment: its states, changes and pods, as a suite speaks of them. */
export class TestDeployment {
  readonly #session: KubeSession;
  readonly #object: OwnedObject<V1Deployment>;
  readonly #runId: string | undefined;
  readonly #pods: TestPods;
  /** The pods that stood before the last change. */
  #before: readonly PodView[] = [];
  /** Watched since it was made: the watch cannot show a state from before a change. */
  #fresh = false;
  /** A log could not be read: the pods may be others by now. */
  #isOld = false;

  constructor(session: KubeSession, object: OwnedObject<V1Deployment>, runId: string | undefined) {
    this.#session = session;
    this.#object = object;
    this.#runId = runId;
    this.#pods = new TestPods(session, object.title, selectorOf(session.objects, runId));
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
    try {
      differentNodes(pods);
    } catch (error) {
      throw tooFewPlaces(this.#session) ?? error;
    }
  }

  /** By the label ANTI_AFFINITY_KEY. Raises k8s.same_data_centre, k8s.no_zone_label_on_node. */
  async podsOnDifferentDataCentres(pods: readonly PodView[]): Promise<void> {
    const label = this.#session.objects.antiAffinityKey;
    const zones = await topologyOf(
      this.#session,
      label,
      pods.flatMap(({ node }) => node ?? []),
    );
    this.#pods.areLost(pods.filter(({ node }) => node && !zones.has(node)));
    try {
      differentZones(pods, zones, label);
    } catch (error) {
      // Pods that share a zone were put there by the scheduler, however few zones there are.
      const isBare = findingsOf(error).every(({ code }) => code === 'k8s.no_zone_label_on_node');
      throw (isBare && tooFewPlaces(this.#session)) || error;
    }
  }

  /** Asks for another image, and with `revision` for new pods in any case. Begins a wait. */
  async update(wish: { image: ImageChoice; revision?: string }): Promise<void> {
    this.#pods.askedToGo(await this.#remember());
    await this.#object.apply(this.#manifest(wish));
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
    await this.#pods.until(
      (pods) => none('of before the update left')(left(pods)),
      'no pod of before the update',
      'k8s.not_deleted',
    );
  }

  /** After a rollout every standing pod is asked to run, and by its container status runs, the image. Raises k8s.image_not_updated. */
  async podsRun(choice: ImageChoice): Promise<void> {
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
    const { name } = this.#object.ref;
    const { namespace, apis, patience } = this.#session;
    this.#pods.askedToGo(replicas === 0 ? undefined : []);
    await this.#remember();
    patience.begin();
    const body = { spec: { replicas } };
    await this.#session.call(`scale ${this.#object.title}`, (options) =>
      apis.apps.patchNamespacedDeploymentScale(
        { name, namespace, body },
        apis.withHeader('Content-Type', 'application/merge-patch+json', options),
      ),
    );
  }

  /** Waits until every pod carries a deletion timestamp, or is gone already. Raises timeout.events. */
  async podsMarkedForDeletion(): Promise<void> {
    const marked = (pods: readonly PodView[]) => none('not marked for deletion')(standing(pods));
    await this.#pods.until(marked, 'every pod marked for deletion', 'timeout.events');
  }

  /** Waits on the watch until no pod is left; after `scale` times action `scale`. Raises k8s.not_deleted. */
  async podsGone(): Promise<void> {
    await this.#pods.until((pods) => none('left')(remaining(pods)), 'no pod left', 'k8s.not_deleted');
    if (this.#before.length > 0) this.#object.measure('scale', this.#session.patience.spentMs);
  }

  /** Lists once more, from the API server's store: nothing is left. Raises k8s.not_deleted. */
  async noPodsListed(): Promise<void> {
    const left = remaining(await this.#pods.list());
    throwFindings(
      left.map(
        (pod) =>
          new Defect('k8s.not_deleted', `pod/${pod.name} is listed again`, { object: { kind: 'pod', name: pod.name } }),
      ),
    );
  }

  delete(): Promise<void> {
    this.#pods.askedToGo();
    return this.#object.delete();
  }

  /** Raises k8s.not_deleted. */
  isGone(): Promise<void> {
    return this.#object.isGone();
  }

  /** Where HTTP requests to the ready pods go. */
  targets(pods: readonly PodView[]): readonly HttpTarget[] {
    return pods.map((pod) => ({
      resource: 'pod',
      object: { kind: 'pod', name: pod.name, namespace: this.#session.namespace },
      host: pod.ip ?? '',
      port: podPort,
      node: pod.node,
    }));
  }

  /** Name → newest log lines of each pod that was Ready when the pods were last listed. Raises k8s.log_incorrect, api.*. */
  async logs(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { views } = this.#pods;
    const pods = views.length > 0 && !this.#isOld ? views : await this.#pods.list();
    this.#isOld = true;
    const logs = await readLogs(this.#session, standing(pods).filter(isReady));
    this.#isOld = false;
    return logs;
  }

  get #replicas(): number {
    return this.#session.objects.replicas;
  }

  #manifest(wish: Partial<DeploymentWish>): V1Deployment {
    const { objects, namespace } = this.#session;
    return deploymentManifest(objects, namespace, { image: 'first', replicas: this.#replicas, ...wish }, this.#runId);
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
      throw (await this.#controllersWord(error)) ?? (await this.#placesWord(error)) ?? error;
    }
  }

  /** Where no pods came because the controller may not make them, its own word is the better finding. */
  async #controllersWord(error: unknown): Promise<Defect | undefined> {
    const isAboutPods = error instanceof Defect && !error.finding.code.startsWith('api.');
    if (!isAboutPods || standing(this.#pods.views).length >= this.#replicas) return undefined;
    const there = await this.#object.listed().catch(() => undefined);
    const failure = replicaFailure(there && deploymentView(there));
    return failure ? cannotMakePods(this.#object.title, failure) : undefined;
  }

  /** Where a pod finds no node since people leave it none, that is the better finding. */
  async #placesWord(error: unknown): Promise<Defect | undefined> {
    const isAboutPods = error instanceof Defect && error.finding.code.startsWith('timeout.');
    return isAboutPods ? noPlaces(this.#session, this.#object.title, this.#pods.views) : undefined;
  }

  async #awaitRollout(): Promise<void> {
    const applied = this.#object.latest;
    const watched = await this.#object.watch(applied);
    await this.#session.wait(
      watched,
      (objects) => rolledOut(viewOf(objects)),
      (why, objects, afterMs) => this.#notRolledOut(why, viewOf(objects), afterMs),
      // Known where the pods are watched anyway.
      () => troubles(this.#pods.views),
    );
    watched.stop();
  }

  async #notRolledOut(why: string, view: DeploymentView | undefined, afterMs: number): Promise<TimedOut> {
    const failure = replicaFailure(view);
    const options = { object: this.#object.ref };
    if (failure) {
      const { finding } = cannotMakePods(this.#object.title, failure);
      return { code: finding.code, message: finding.message, options: { ...options, blame: finding.blame } };
    }
    const pods = await this.#pods.list();
    const noPlace = await noPlaces(this.#session, this.#object.title, pods);
    if (noPlace) return { code: noPlace.finding.code, message: noPlace.finding.message, options };
    const seen = all(this.#replicas, 'Ready', isReady)(pods);
    const detail = seen.done ? '' : `; ${seen.why}`;
    return {
      code: codeOf(pods, 'timeout.events'),
      message: `${this.#object.title}: expected to be rolled out, after ${seconds(afterMs)} ${why}${detail}`,
      options,
    };
  }
}

function viewOf(objects: readonly V1Deployment[]): DeploymentView | undefined {
  return objects[0] && deploymentView(objects[0]);
}
