/** The kubelets: one for all nodes; a fault can stop it for one of them. */
import type { Cluster } from '../cluster.ts';
import { createPodAddresses } from '../net/addresses.ts';
import type { Network } from '../net/network.ts';
import { createPodLog, type PodLog } from '../net/pod-log.ts';
import type { Node, Pod } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import { type ContainerRun, startContainers } from './containers.ts';
import { type ContainerFacts, waiting, writeStatus } from './pod-status.ts';
import { pullImages } from './pulls.ts';
import { createVolumes, type Volumes } from './volumes.ts';

/** A pod as its kubelet holds it. */
export interface PodWorker {
  readonly uid: string;
  readonly node: string;
  readonly at: { name: string; namespace?: string | undefined };
  readonly log: PodLog;
  ip: string;
  run?: ContainerRun;
  restarts: number;
  stopping: boolean;
  gone: boolean;
}

export interface Kubelets {
  logOf(pod: Pod): PodLog | undefined;
  close(): void;
}

/** What the parts of a kubelet need from each other. */
export interface Kubelet {
  readonly cluster: Cluster;
  readonly network: Network;
  readonly volumes: Volumes;
  /** Runs later, unless the pod is gone or its kubelet stopped by then. */
  later(worker: PodWorker, ms: number, run: (pod: Pod) => void): void;
  /** Writes the status of the containers. */
  report(worker: PodWorker, facts: readonly ContainerFacts[]): void;
  tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void;
}

export function startKubelets(cluster: Cluster, network: Network): Kubelets {
  const { store, faults, timers, timing, now } = cluster;
  const workers = new Map<string, PodWorker>();
  const nextAddress = createPodAddresses();

  const current = (worker: PodWorker): Pod | undefined => {
    const pod = store.get('pods', worker.at.name, worker.at.namespace);
    return pod?.metadata.uid === worker.uid ? pod : undefined;
  };

  const kubelet: Kubelet = {
    cluster,
    network,
    volumes: createVolumes(cluster),
    later: (worker, ms, run) => {
      timers.after(ms, () => {
        const pod = current(worker);
        if (!pod || worker.gone) return;
        // A stopped kubelet goes on where it was when it starts again.
        if (faults.hits('kubelet-down', worker.node)) kubelet.later(worker, 100, run);
        else run(pod);
      });
    },
    report: (worker, facts) => {
      if (!current(worker)) return;
      store.change('pods', worker.at, (pod) => {
        pod.status.hostIP = hostAddress(store.get('nodes', worker.node));
        pod.status.startTime ??= instant(now());
        if (worker.ip) {
          pod.status.podIP = worker.ip;
          pod.status.podIPs = [{ ip: worker.ip }];
        }
        writeStatus(pod, facts, now());
      });
    },
    tell: (pod, type, reason, message, container) =>
      cluster.tell({
        about: pod,
        by: 'kubelet',
        node: pod.spec.nodeName ?? '',
        type,
        reason,
        message,
        ...(container && { fieldPath: `spec.containers{${container}}` }),
      }),
  };

  const accept = (pod: Pod): void => {
    const { name, namespace, uid } = pod.metadata;
    const worker: PodWorker = {
      uid,
      node: pod.spec.nodeName!,
      at: { name, namespace },
      log: createPodLog(now),
      ip: '',
      restarts: 0,
      stopping: false,
      gone: false,
    };
    workers.set(uid, worker);
    kubelet.report(worker, waiting(pod, 'ContainerCreating'));
    const slow = faults.options('kubelet-slow');
    kubelet.later(worker, timing.containerStartMs + (slow ? Number(slow.seconds) * 1000 : 0), (latest) =>
      mount(worker, latest),
    );
  };

  const mount = (worker: PodWorker, pod: Pod): void => {
    if (worker.stopping) return;
    const missing = kubelet.volumes.missing(pod);
    if (missing) {
      kubelet.tell(
        pod,
        'Warning',
        'FailedMount',
        `MountVolume.SetUp failed for volume "${missing.volume}" : ${missing.why}`,
      );
      kubelet.later(worker, timing.backOffMs, (latest) => mount(worker, latest));
      return;
    }
    const range = store.get('nodes', worker.node)?.spec.podCIDR ?? '10.244.0.0/24';
    worker.ip ||= nextAddress(range, network.attached);
    network.attach(worker.ip);
    pullImages(kubelet, worker, pod, () => startContainers(kubelet, worker, pod));
  };

  const stop = (worker: PodWorker, pod: Pod): void => {
    if (worker.stopping || faults.on('pods-never-die')) return;
    worker.stopping = true;
    for (const { name } of worker.run ? pod.spec.containers : []) {
      kubelet.tell(pod, 'Normal', 'Killing', `Stopping container ${name}`, name);
    }
    kubelet.later(worker, worker.run ? timing.containerStopMs : 0, () => {
      const run = worker.run;
      release(worker);
      if (run) kubelet.report(worker, run.terminated());
      const last = current(worker);
      if (!last) return;
      const metadata = { ...last.metadata, deletionGracePeriodSeconds: 0 };
      store.replace('pods', { ...last, metadata });
    });
  };

  const release = (worker: PodWorker): void => {
    worker.run?.close();
    if (worker.ip) network.withdraw(worker.ip);
  };

  const look = (pod: Pod): void => {
    const node = pod.spec.nodeName;
    if (!node || faults.hits('kubelet-down', node)) return;
    const worker = workers.get(pod.metadata.uid);
    if (!worker && !pod.metadata.deletionTimestamp) accept(pod);
    else if (pod.metadata.deletionTimestamp) endOf(pod, worker);
  };

  /** A pod that was deleted before its kubelet ever saw it has nothing to stop. */
  const endOf = (pod: Pod, worker: PodWorker | undefined): void => {
    if (worker) stop(worker, pod);
    else store.replace('pods', { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 0 } });
  };

  store.subscribe((change) => {
    if (change.plural !== 'pods') return;
    const pod = change.object as Pod;
    if (change.type !== 'DELETED') return void timers.after(0, () => lookAgain(pod));
    const worker = workers.get(pod.metadata.uid);
    if (!worker) return;
    worker.gone = true;
    workers.delete(pod.metadata.uid);
    release(worker);
  });
  const lookAgain = (pod: Pod): void => {
    const latest = store.get('pods', pod.metadata.name, pod.metadata.namespace);
    if (latest?.metadata.uid === pod.metadata.uid) look(latest);
  };
  faults.onChange(() => {
    for (const pod of store.list('pods')) lookAgain(pod);
  });

  return {
    logOf: (pod) => workers.get(pod.metadata.uid)?.log,
    close: () => {
      for (const worker of workers.values()) release(worker);
    },
  };
}

function hostAddress(node: Node | undefined): string {
  return node?.status.addresses?.find((address) => address.type === 'InternalIP')?.address ?? '';
}
