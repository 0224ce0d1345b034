import { Defect } from '../findings.ts';
import type { PodView } from '../model.ts';

/** Pods that do not run the wanted image. A runtime may name another tag of the same digest, so the name or a new digest will do. */
export function outdated(pods: readonly PodView[], wanted: string, before: readonly PodView[]): readonly Defect[] {
  const oldDigests = new Set(before.flatMap((pod) => pod.containers.map((container) => container.imageId)));
  const runs = (pod: PodView) =>
    pod.image === wanted &&
    pod.containers.length > 0 &&
    pod.containers.every(
      ({ image, imageId }) => image === wanted || image?.endsWith(`/${wanted}`) || !oldDigests.has(imageId),
    );
  return pods
    .filter((pod) => !pod.deletedAt && !runs(pod))
    .map((pod) => {
      const running = pod.containers[0]?.image ?? 'nothing';
      return new Defect(
        'k8s.image_not_updated',
        `pod/${pod.name} should run ${wanted}, is asked to run ${pod.image} and runs ${running}`,
        {
          object: { kind: 'pod', name: pod.name },
        },
      );
    });
}
