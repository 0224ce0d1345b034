import type { V1Namespace } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import { ourLabels } from './ownership.ts';

/** `labels`: TEST_LABELS. */
export function namespaceManifest(
  name: string,
  labels: Readonly<Record<string, string>> | undefined,
  runId?: string,
): V1Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: ourLabels(runId, labels) } };
}

/** The defect a refused first write in a namespace stands for: missing, being deleted, or what the server says. */
export function missingNamespace(failure: ApiFailure, namespace: string, request: string): Defect {
  const object = { kind: 'namespace', name: namespace };
  if (failure.status === 404 && failure.about === 'namespaces') {
    return new Defect(
      'k8s.prerequisite_missing',
      `Namespace ${namespace} does not exist: apply manifests/namespaces.yaml, or set CREATE_NAMESPACES=true`,
      { object },
    );
  }
  if (failure.causes.includes('NamespaceTerminating')) {
    return new Defect(
      'k8s.prerequisite_missing',
      `Namespace ${namespace} is being deleted: wait until it is gone, then make it again (manifests/namespaces.yaml)`,
      { object },
    );
  }
  return defectOf(failure, request, 0, { object });
}
