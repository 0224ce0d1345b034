import type { V1Pod } from '@kubernetes/client-node';
import type { FindingCode } from '../../findings.ts';
import type { PodView } from '../../model/evidence.ts';
import type { Removal } from '../../model/session-contract.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ClusterView, JudgedPods } from './cluster-view.ts';
import { seconds } from './object-words.ts';
import { pods as podKind, selectorText } from './pod.ts';
import { all, codeOf, isReady, isScheduled, none, remaining, standing } from './pod-conditions.ts';
import { isGoing, lostWithNode, removalOf } from './removals.ts';
import { podView } from './views.ts';

/** The pods of the test deployment, watched; times each pod's way to scheduled (action `schedule`) and Ready (action `run`). */
export class TestPods implements JudgedPods {
  readonly #session: ClusterView;
  readonly #title: string;
  readonly #replicas: number;
  readonly #watched: Watched<V1Pod>;
  readonly #measured = new Set<string>();
  readonly #began = new Map<string, number>();
  /** uid → the pods that stood when they were last looked at: what is judged rests on them. */
  readonly #stood = new Map<string, PodView>();
  /** uids of those that we asked to go. */
  readonly #asked = new Set<string>();
  #allAsked = false;
  readonly #lost = new Map<string, PodView>();
  #timed = false;
  #started: Promise<void> | undefined;

  /** `replicas`: how many stand in the end. `seen` is told of each state. */
  constructor(
    session: ClusterView,
    title: string,
    selector: Readonly<Record<string, string>>,
    replicas: number,
    seen: (pods: readonly PodView[]) => void = () => {},
  ) {
    this.#session = session;
    this.#title = title;
    this.#replicas = replicas;
    this.#watched = session.watch<V1Pod>({
      what: `pods of ${title}`,
      kind: podKind,
      labelSelector: selectorText(selector),
      changed: (objects) => {
        const pods = objects.map(podView);
        const alive = new Set(standing(pods));
        // Of those that go the last word: it may say why.
        for (const pod of pods) if (alive.has(pod) || this.#stood.has(pod.uid)) this.#stood.set(pod.uid, pod);
        this.#time(pods);
        seen(pods);
      },
    });
  }

  /** Times every pod from now on but these, which stand already. */
  timeAllBut(standing: readonly PodView[]): void {
    this.#timed = true;
    for (const { uid } of standing) {
      this.#measured.add(`schedule ${uid}`);
      this.#measured.add(`run ${uid}`);
    }
  }

  /** What we asked for makes these go; without an argument all, and those that come later. */
  askedToGo(pods?: readonly PodView[]): void {
    this.#allAsked ||= pods === undefined;
    for (const { uid } of pods ?? []) this.#asked.add(uid);
  }

  /** Of a node that is not there any more: they count as removed, whatever they say of themselves. */
  areLost(pods: readonly PodView[]): void {
    for (const pod of pods) this.#lost.set(pod.uid, pod);
  }

  /** Those that went, or are going, although we did not ask for it, since they were last looked at; a LIST. */
  async removals(): Promise<readonly Removal[]> {
    if (this.#allAsked || this.#stood.size === 0) return [];
    const before = [...this.#stood.values()].filter(({ uid }) => !this.#asked.has(uid));
    const lost = [...this.#lost.values()];
    this.#stood.clear();
    this.#lost.clear();
    const now = new Map((await this.list()).map((pod) => [pod.uid, pod]));
    const gone = before.filter(({ uid }) => isGoing(now.get(uid)) && !lost.some((pod) => pod.uid === uid));
    return [...gone.map((pod) => removalOf(pod, now.get(pod.uid))), ...lost.map(lostWithNode)];
  }

  /** Waits, for what is left of the wait chain, until as many are Ready; never throws. */
  async settle(): Promise<void> {
    const wanted = `${this.#replicas} pods Ready`;
    await this.until(all(this.#replicas, 'Ready', isReady), wanted, 'timeout.events').catch(() => undefined);
  }

  get views(): readonly PodView[] {
    return this.#watched.objects.map(podView);
  }

  /** Opens the shared watch, unless it is open; returns what stands now. */
  async start(): Promise<readonly PodView[]> {
    this.#started ??= this.#watched.start();
    await this.#started;
    return this.views;
  }

  /** Waits until none is left. Raises k8s.not_deleted. */
  gone(): Promise<void> {
    return this.until((pods) => none('left')(remaining(pods)), 'no pod left', 'k8s.not_deleted');
  }

  /** A fresh LIST. */
  async list(): Promise<readonly PodView[]> {
    return (await this.#watched.relist()).map(podView);
  }

  /** Waits on the shared watch; the first wait opens it. On time-out raises k8s.pod_failed where a pod cannot run, else `code`. */
  async until<R>(look: (pods: readonly PodView[]) => Look<R>, wanted: string, code: FindingCode): Promise<R> {
    await this.start();
    return this.#session.wait(
      this.#watched,
      (objects) => look(objects.map(podView)),
      (why, objects, afterMs) => ({
        code: code === 'k8s.not_deleted' ? code : codeOf(objects.map(podView), code),
        message: `${this.#title}: expected ${wanted}, after ${seconds(afterMs)} there were ${why}`,
      }),
    );
  }

  #time(pods: readonly PodView[]): void {
    if (!this.#timed) return;
    const now = performance.now();
    for (const pod of pods) {
      // Time is counted from the change that called for the pod: the pod's own creation is stamped in whole seconds.
      const began = this.#began.get(pod.uid) ?? now - this.#session.patience.spentMs;
      this.#began.set(pod.uid, began);
      if (isScheduled(pod)) this.#once(pod, 'schedule', now - began);
      if (isReady(pod)) this.#once(pod, 'run', now - began);
    }
  }

  #once(pod: PodView, action: 'schedule' | 'run', durationMs: number): void {
    const key = `${action} ${pod.uid}`;
    if (this.#measured.has(key)) return;
    this.#measured.add(key);
    this.#session.scope.measure({ kind: 'action', resource: 'pod', action, durationMs });
  }
}
