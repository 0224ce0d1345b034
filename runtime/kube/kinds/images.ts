import { Defect } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import { standing } from './pod-conditions.ts';
import { containerName } from './test-objects.ts';

/**
 * Standing pods that do not run the wanted image in their test container; sidecars that somebody injects have images of
 * their own. A webhook may name the image by a mirror or by its digest, a runtime another tag of the same digest.
 */
export function outdated(pods: readonly PodView[], wanted: string, before: readonly PodView[]): readonly Defect[] {
  const asked = new Set(before.map(({ image }) => image));
  const ran = new Set(before.map((pod) => testContainer(pod)?.imageId));
  const isAsked = ({ image }: PodView) => names(image, wanted) || (image.includes('@') && !asked.has(image));
  const runs = (pod: PodView) => {
    const container = testContainer(pod);
    return container && (names(container.image ?? '', wanted) || !ran.has(container.imageId));
  };
  return standing(pods)
    .filter((pod) => !isAsked(pod) || !runs(pod))
    .map((pod) => {
      const running = testContainer(pod)?.image ?? 'nothing';
      return new Defect(
        'k8s.image_not_updated',
        `pod/${pod.name} should run ${wanted}, is asked to run ${pod.image} and runs ${running}`,
        {
          object: { kind: 'pod', name: pod.name },
        },
      );
    });
}

function testContainer({ containers }: PodView) {
  return containers.find(({ name }) => name === containerName);
}

/** Whether an image name is the wanted one: the last part, with the tag and without a digest. */
function names(image: string, wanted: string): boolean {
  return lastPart(image) === lastPart(wanted);
}

function lastPart(image: string): string {
  return image.replace(/@.*/, '').split('/').at(-1) ?? '';
}
