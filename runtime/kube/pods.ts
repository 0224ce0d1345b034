import type { V1Pod } from '@kubernetes/client-node';
import type { FindingCode } from '../findings.ts';
import type { PodView } from '../model.ts';
import { seconds } from './owned.ts';
import { codeOf, isReady, isScheduled } from './pod-conditions.ts';
import type { KubeSession } from './session.ts';
import { podView } from './views.ts';
import type { Look, Watched } from './watched.ts';

/** The pods of the test deployment, watched; times each pod's way to scheduled (action `schedule`) and Ready (action `run`). */
export class TestPods {
  readonly #session: KubeSession;
  readonly #title: string;
  readonly #watched: Watched<V1Pod>;
  readonly #measured = new Set<string>();
  readonly #began = new Map<string, number>();
  #timed = false;
  #started: Promise<void> | undefined;

  constructor(session: KubeSession, title: string, selector: Readonly<Record<string, string>>) {
    this.#session = session;
    this.#title = title;
    const { namespace, apis } = session;
    const labelSelector = Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const what = `pods of ${title}`;
    this.#watched = session.watch<V1Pod>({
      what,
      path: `/api/v1/namespaces/${namespace}/pods`,
      labelSelector,
      changed: (objects) => this.#time(objects.map(podView)),
      list: async () => {
        const list = await session.call(`list ${what}`, (o) =>
          apis.core.listNamespacedPod({ namespace, labelSelector }, o),
        );
        return { items: list.items, resourceVersion: list.metadata?.resourceVersion ?? '' };
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

  get views(): readonly PodView[] {
    return this.#watched.objects.map(podView);
  }

  /** Opens the shared watch, unless it is open; returns what stands now. */
  async start(): Promise<readonly PodView[]> {
    this.#started ??= this.#watched.start();
    await this.#started;
    return this.views;
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
