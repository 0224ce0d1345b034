/** The kubelets: one for all nodes; a fault can stop it for one of them. */
import type { Cluster } from '../cluster.ts';
import { createPodAddresses } from '../net/addresses.ts';
import type { Network } from '../net/network.ts';
import type { PodLog } from '../net/pod-log.ts';
import type { Pod } from '../store/objects.ts';
import { startContainers } from './containers.ts';
import { waiting } from './pod-status.ts';
import { pullImages } from './pulls.ts';
import { createKubelet, createWorker, type Kubelet, type PodWorker } from './worker.ts';

export interface Kubelets {
  logOf(pod: Pod): PodLog | undefined;
  close(): void;
}

type AddressSource = ReturnType<typeof createPodAddresses>;

export function startKubelets(cluster: Cluster, network: Network): Kubelets {
  const { store, faults, timers } = cluster;
  const kubelet = createKubelet(cluster, network);
  const workers = new Map<string, PodWorker>();
  const nextAddress = createPodAddresses();

  const look = ({ metadata }: Pod): void => {
    const pod = store.get('pods', metadata.name, metadata.namespace);
    if (!pod || pod.metadata.uid !== metadata.uid || !pod.spec.nodeName) return;
    if (faults.hits('kubelet-down', pod.spec.nodeName)) return;
    const worker = workers.get(metadata.uid);
    const { deletionTimestamp } = pod.metadata;
    if (deletionTimestamp && worker) stop(kubelet, worker, pod);
    else if (deletionTimestamp) end(cluster, pod);
    else if (!worker) workers.set(metadata.uid, accept(kubelet, pod, nextAddress));
  };

  store.subscribe(({ plural, type, object }) => {
    if (plural !== 'pods') return;
    if (type !== 'DELETED') return void timers.after(0, () => look(object as Pod));
    const worker = workers.get(object.metadata.uid);
    if (!worker) return;
    worker.gone = true;
    workers.delete(worker.uid);
    release(network, worker);
  });
  faults.onChange(() => {
    for (const pod of store.list('pods')) look(pod);
  });

  return {
    logOf: (pod) => workers.get(pod.metadata.uid)?.log,
    close: () => {
      for (const worker of workers.values()) release(network, worker);
    },
  };
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
  if (missing) {
    const message = `MountVolume.SetUp failed for volume "${missing.volume}" : ${missing.why}`;
    kubelet.tell(pod, 'Warning', 'FailedMount', message);
    kubelet.later(worker, cluster.timing.backOffMs, (latest) => mount(kubelet, worker, latest, nextAddress));
    return;
  }
  const range = cluster.store.get('nodes', worker.node)?.spec.podCIDR ?? '10.244.0.0/24';
  const ip = worker.ip || nextAddress(range, network.attached);
  if (!ip) {
    const message = `Failed to create pod sandbox: failed to set up network: no IP addresses available in range ${range}`;
    kubelet.tell(pod, 'Warning', 'FailedCreatePodSandBox', message);
    kubelet.later(worker, cluster.timing.backOffMs, (latest) => mount(kubelet, worker, latest, nextAddress));
    return;
  }
  worker.ip = ip;
  network.attach(ip);
  pullImages(kubelet, worker, pod, () => startContainers(kubelet, worker, pod));
}

function stop(kubelet: Kubelet, worker: PodWorker, pod: Pod): void {
  const { cluster, network } = kubelet;
  if (worker.stopping || cluster.faults.on('pods-never-die')) return;
  worker.stopping = true;
  for (const { name } of worker.run ? pod.spec.containers : []) {
    kubelet.tell(pod, 'Normal', 'Killing', `Stopping container ${name}`, name);
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
