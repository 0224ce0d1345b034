/** The kubelets: one for all nodes; a fault can stop it for one of them. */
import { parseQuantity } from '../admission/quantity.ts';
import type { Cluster } from '../cluster.ts';
import { createPodAddresses } from '../net/addresses.ts';
import type { Network } from '../net/network.ts';
import type { PodLog } from '../net/pod-log.ts';
import type { Pod } from '../store/objects.ts';
import { hasEnded } from '../store/pods.ts';
import { startContainers } from './containers.ts';
import { waiting } from './pod-status.ts';
import { pullImages } from './pulls.ts';
import { atKey, createQueue, keyOf } from './queue.ts';
import { createKubelet, createWorker, type Kubelet, noteTouch, type PodWorker } from './worker.ts';

export interface Kubelets {
  logOf(pod: Pod): PodLog | undefined;
  close(): void;
}

/** As a kubelet has it unless it is told otherwise. */
const podsPerNode = '110';

type AddressSource = ReturnType<typeof createPodAddresses>;

export function startKubelets(cluster: Cluster, network: Network): Kubelets {
  const { store, faults } = cluster;
  const kubelet = createKubelet(cluster, network);
  const workers = new Map<string, PodWorker>();
  const nextAddress = createPodAddresses();

  const look = (key: string): void => {
    const { name, namespace } = atKey(key);
    const pod = store.get('pods', name, namespace);
    if (!pod?.spec.nodeName || faults.hits('kubelet-down', pod.spec.nodeName)) return;
    const { uid, deletionTimestamp } = pod.metadata;
    const worker = workers.get(uid);
    if (deletionTimestamp && worker) stop(kubelet, worker, pod);
    else if (deletionTimestamp) end(cluster, pod);
    else if (worker) noteTouch(worker, pod, cluster.now());
    else if (!hasEnded(pod) && admit(kubelet, pod, workers.values())) {
      workers.set(uid, accept(kubelet, pod, nextAddress));
    }
  };
  const queue = createQueue(cluster, look, 0);

  store.subscribe(({ plural, type, object }) => {
    if (plural !== 'pods') return;
    if (type !== 'DELETED') return queue.add(keyOf(object));
    const worker = workers.get(object.metadata.uid);
    if (!worker) return;
    worker.gone = true;
    workers.delete(worker.uid);
    release(network, worker);
  });
  faults.onChange(() => {
    for (const pod of store.list('pods')) queue.add(keyOf(pod));
  });

  return {
    logOf: (pod) => workers.get(pod.metadata.uid)?.log,
    close: () => {
      for (const worker of workers.values()) release(network, worker);
    },
  };
}

/** Pods that name their node reach it past the scheduler: one too many is refused for good, one for no node waits. */
function admit(kubelet: Kubelet, pod: Pod, workers: Iterable<PodWorker>): boolean {
  const { store } = kubelet.cluster;
  const { nodeName = '' } = pod.spec;
  const node = store.get('nodes', nodeName);
  if (!node) return false;
  const capacity = parseQuantity(node.status.allocatable?.pods ?? podsPerNode);
  const used = [...workers].filter((worker) => {
    const other = worker.node === nodeName && kubelet.current(worker);
    return other && !hasEnded(other);
  }).length;
  if (used < capacity) return true;
  const message = `Node didn't have enough resource: pods, requested: 1, used: ${used}, capacity: ${capacity}`;
  store.change('pods', pod.metadata, ({ status }) => {
    Object.assign(status, { phase: 'Failed', reason: 'OutOfpods', message });
  });
  kubelet.recordEvent(pod, 'Warning', 'OutOfpods', message);
  return false;
}

function accept(kubelet: Kubelet, pod: Pod, nextAddress: AddressSource): PodWorker {
  const { timing, faults, now } = kubelet.cluster;
  const worker = createWorker(pod, now);
  kubelet.report(worker, waiting(pod, 'ContainerCreating'));
  const slowMs = Number(faults.options('kubelet-slow')?.seconds ?? 0) * 1000;
  kubelet.later(worker, timing.containerStartMs + slowMs, (latest) => mount(kubelet, worker, latest, nextAddress));
  return worker;
}

function mount(kubelet: Kubelet, worker: PodWorker, pod: Pod, nextAddress: AddressSource): void {
  if (worker.stopping) return;
  const { cluster, network } = kubelet;
  const missing = kubelet.volumes.missing(pod);
  const retry = (reason: string, message: string): void => {
    kubelet.recordEvent(pod, 'Warning', reason, message);
    kubelet.later(worker, cluster.timing.backOffMs, (latest) => mount(kubelet, worker, latest, nextAddress));
  };
  if (missing) {
    retry('FailedMount', `MountVolume.SetUp failed for volume "${missing.volume}" : ${missing.why}`);
    return;
  }
  const range = cluster.store.get('nodes', worker.node)?.spec.podCIDR ?? '10.244.0.0/24';
  const address = worker.ip || nextAddress(range, network.attached);
  if (!address) {
    retry('FailedCreatePodSandBox', `no IP addresses available in range ${range}`);
    return;
  }
  worker.ip = address;
  network.attach(worker.ip);
  pullImages(kubelet, worker, pod, () => startContainers(kubelet, worker, pod));
}

function stop(kubelet: Kubelet, worker: PodWorker, pod: Pod): void {
  const { cluster, network } = kubelet;
  if (worker.stopping || cluster.faults.on('pods-never-die')) return;
  worker.stopping = true;
  for (const { name } of worker.run ? pod.spec.containers : []) {
    kubelet.recordEvent(pod, 'Normal', 'Killing', `Stopping container ${name}`, name);
  }
  kubelet.later(worker, worker.run ? cluster.timing.containerStopMs : 0, () => {
    release(network, worker);
    if (worker.run) kubelet.report(worker, worker.run.terminated());
    const last = kubelet.current(worker);
    if (last) end(cluster, last);
  });
}

/** Nothing of it runs any more, or ever did: the API may forget it. */
function end({ store }: Cluster, pod: Pod): void {
  store.replace('pods', { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 0 } });
}

function release(network: Network, worker: PodWorker): void {
  worker.run?.close();
  if (worker.ip) network.withdraw(worker.ip);
}
