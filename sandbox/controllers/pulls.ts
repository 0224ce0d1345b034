/** Pulling images: there, or ErrImagePull and ImagePullBackOff until they are. */
import type { Pod } from '../store/objects.ts';
import { findImage, qualify } from './images.ts';
import { waiting } from './pod-status.ts';
import type { Kubelet, PodWorker } from './worker.ts';

/** Calls `start` when the node has every image of the pod. */
export function pullImages(kubelet: Kubelet, worker: PodWorker, pod: Pod, start: () => void): void {
  if (worker.stopping) return;
  const { faults, timing } = kubelet.cluster;
  const down = faults.on('image-pull-fails');
  const failing = pod.spec.containers.find(({ image }) => down || !findImage(image));
  for (const { name, image, imagePullPolicy } of pod.spec.containers) {
    if (image === failing?.image) continue;
    const pulled = `Successfully pulled image "${image}" in 12ms (12ms including waiting). Image size: 21000000 bytes.`;
    const isThere = `Container image "${image}" already present on machine`;
    kubelet.recordEvent(pod, 'Normal', 'Pulled', imagePullPolicy === 'Always' ? pulled : isThere, name);
  }
  if (!failing) {
    start();
    return;
  }

  const { image, name } = failing;
  const reference = qualify(image);
  const why = down
    ? `failed to do request: Head "https://${reference.split('/')[0]}": dial tcp: i/o timeout`
    : `${reference}: not found`;
  const message = `rpc error: code = ${down ? 'Unknown' : 'NotFound'} desc = failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${why}`;
  kubelet.recordEvent(pod, 'Normal', 'Pulling', `Pulling image "${image}"`, name);
  kubelet.recordEvent(pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`, name);
  kubelet.recordEvent(pod, 'Warning', 'Failed', 'Error: ErrImagePull', name);
  kubelet.report(worker, waiting(pod, 'ErrImagePull', message));
  kubelet.later(worker, timing.backOffMs, (latest) => {
    if (worker.stopping) return;
    kubelet.recordEvent(latest, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, name);
    kubelet.recordEvent(latest, 'Warning', 'Failed', 'Error: ImagePullBackOff', name);
    kubelet.report(worker, waiting(latest, 'ImagePullBackOff', `Back-off pulling image "${image}"`));
    kubelet.later(worker, timing.backOffMs * 2, (again) => pullImages(kubelet, worker, again, start));
  });
}
