/** What a kubelet knows of one pod, and what the steps of a pod's life have in common. */
import type { Cluster } from '../cluster.ts';
import type { Network } from '../net/network.ts';
import { createPodLog, type PodLog } from '../net/pod-log.ts';
import type { ContainerState, Node, Pod } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import type { ContainerRun } from './container-run.ts';
import { type ContainerFacts, writeStatus } from './pod-status.ts';
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
  /** How each container ended when it last did. */
  lastStates: readonly ContainerState[];
  /** As they were when it was last looked at for a change of them. */
  annotations: string;
  /** When they changed: volumes are read anew then. */
  touchedAt: number;
  stopping: boolean;
  gone: boolean;
}

/** What the parts of a kubelet need from each other. */
export interface Kubelet {
  readonly cluster: Cluster;
  readonly network: Network;
  readonly volumes: Volumes;
  /** The worker's pod as it is now, unless it is gone. */
  current(worker: PodWorker): Pod | undefined;
  /** Runs later, unless the pod is gone by then; a stopped kubelet goes on where it was. What throws is tried again. */
  later(worker: PodWorker, ms: number, run: (pod: Pod) => void): void;
  /** Writes the status of the containers. */
  report(worker: PodWorker, facts: readonly ContainerFacts[]): void;
  recordEvent(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void;
}

/** How often a stopped kubelet's work looks whether it runs again. */
const stoppedMs = 100;

export function createKubelet(cluster: Cluster, network: Network): Kubelet {
  const { store, faults, timers, now } = cluster;
  const attempt = (worker: PodWorker, run: (pod: Pod) => void, pod: Pod): void => {
    try {
      run(pod);
    } catch (error) {
      cluster.failed(error);
      kubelet.later(worker, cluster.timing.backOffMs, run);
    }
  };
  const kubelet: Kubelet = {
    cluster,
    network,
    volumes: createVolumes(cluster),
    current: ({ at, uid }) => {
      const pod = store.get('pods', at.name, at.namespace);
      return pod?.metadata.uid === uid ? pod : undefined;
    },
    later: (worker, ms, run) => {
      timers.after(ms, () => {
        const pod = kubelet.current(worker);
        if (!pod || worker.gone) return;
        if (faults.hits('kubelet-down', worker.node)) kubelet.later(worker, stoppedMs, run);
        else attempt(worker, run, pod);
      });
    },
    report: (worker, facts) => {
      if (!kubelet.current(worker)) return;
      store.change('pods', worker.at, (pod) => {
        pod.status.hostIP = hostAddress(store.get('nodes', worker.node));
        pod.status.startTime ??= instant(now());
        if (worker.ip) {
          pod.status.podIP = worker.ip;
          pod.status.podIPs = [{ ip: worker.ip }];
        }
        const all = facts.map((fact, index) => ({ lastState: worker.lastStates[index] ?? {}, ...fact }));
        writeStatus(pod, all, now());
      });
    },
    recordEvent: (pod, type, reason, message, container) => {
      const fieldPath = container && `spec.containers{${container}}`;
      const node = pod.spec.nodeName ?? '';
      cluster.recordEvent({ about: pod, by: 'kubelet', node, type, reason, message, ...(fieldPath && { fieldPath }) });
    },
  };
  return kubelet;
}

export function createWorker({ metadata, spec }: Pod, now: () => number): PodWorker {
  const { name, namespace, uid } = metadata;
  return {
    uid,
    node: spec.nodeName!,
    at: { name, namespace },
    log: createPodLog(now),
    ip: '',
    restarts: 0,
    lastStates: [],
    annotations: annotationsOf(metadata),
    touchedAt: 0,
    stopping: false,
    gone: false,
  };
}

function hostAddress(node: Node | undefined): string {
  return node?.status.addresses?.find((address) => address.type === 'InternalIP')?.address ?? '';
}

/** A kubelet looks at a pod, and at its volumes, when somebody changed its annotations. */
export function noteTouch(worker: PodWorker, { metadata }: Pod, now: number): void {
  const annotations = annotationsOf(metadata);
  if (annotations === worker.annotations) return;
  worker.annotations = annotations;
  worker.touchedAt = now;
}

function annotationsOf({ annotations }: Pod['metadata']): string {
  return JSON.stringify(annotations ?? {});
}
