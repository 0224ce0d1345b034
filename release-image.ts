/** Which image a kustomization of ours names, changed as text: its comments stay. */

export const ourImage = 'ghcr.io/kube-e2etests/kube-e2etests';

export interface ReleasedImage {
  readonly tag: string;
  /** Default: the name that is there. */
  readonly image?: string | undefined;
  /** Of the image that was tested and pushed: it is named in place of the tag. */
  readonly digest?: string | undefined;
}

/** Undefined where the kustomization names no image of ours. */
export function withImage(kustomization: string, { tag, image, digest }: ReleasedImage): string | undefined {
  const ours = kustomization.indexOf(`newName: ${ourImage}`);
  if (ours < 0) return undefined;
  const named = kustomization.slice(ours).replace(/newName: (.*)\n( +)newTag: .*/, (_, name, indent) => {
    const which = digest ? `digest: ${digest}` : `newTag: ${JSON.stringify(tag)}`;
    return `newName: ${image ?? name}\n${indent}${which}`;
  });
  return kustomization.slice(0, ours) + named;
}

/** Of a component that gives our image another name. */
export function withName(kustomization: string, image: string): string {
  return kustomization.replace(`name: ${ourImage}`, `name: ${image}`);
}
