import type { KubernetesObject } from '@kubernetes/client-node';

/** On everything we make. */
export const managedBy = 'app.kubernetes.io/managed-by';
export const ourName = 'kube-e2etests';
/** The run that will delete the object; objects that stay for the next run do not carry it. */
export const runLabel = 'kube-e2etests.io/run';
/** Joins a deployment, its pods and its service. */
export const instanceLabel = 'kube-e2etests.io/instance';

/** `more`: TEST_LABELS. */
export function ourLabels(
  runId: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...more, [managedBy]: ourName, ...(runId && { [runLabel]: runId }) };
}

/** By which an object of a run knows its pods. */
export function ofRun(name: string, runId: string): Record<string, string> {
  return { [instanceLabel]: name, [runLabel]: runId };
}

export function isOurs(object: KubernetesObject): boolean {
  return object.metadata?.labels?.[managedBy] === ourName;
}

/** The run that made the object, where it is one that a run deletes again. */
export function runOf(object: KubernetesObject): string | undefined {
  return isOurs(object) ? object.metadata?.labels?.[runLabel] : undefined;
}
