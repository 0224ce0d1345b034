/** What every pod of ours has in common, whatever kind makes it: where it may run, what it may do, what it may use. */
import type { V1Container, V1PodSpec, V1PodTemplateSpec, V1SecurityContext } from '@kubernetes/client-node';
import { nodeSelectorOf, type TestObjects } from './test-objects.ts';

export interface PodParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: V1PodSpec;
}

/** Of a kind as small as ours are; a quota of CPU or memory refuses a container that says nothing. */
const smallResources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '200m', memory: '64Mi' } };
const graceSeconds = 10;

/**
 * The way of every pod template: TEST_LABELS, CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS, TEST_NODE_SELECTOR, TEST_TOLERATIONS, IMAGE_PULL_SECRETS,
 * IMAGE_PULL_POLICY and TEST_POD_SECURITY hold for all of them. What the kind says itself is kept, but never less security.
 */
export function podTemplate(objects: TestObjects, { labels, annotations, spec }: PodParts): V1PodTemplateSpec {
  const { tolerations = [], imagePullSecrets, podSecurity } = objects;
  const isRestricted = podSecurity === 'restricted';
  const container = (one: V1Container): V1Container => ({
    resources: smallResources,
    ...(objects.imagePullPolicy && { imagePullPolicy: objects.imagePullPolicy }),
    ...one,
    ...(isRestricted && { securityContext: { ...one.securityContext, ...restrictedContainer } }),
  });
  return {
    metadata: {
      labels: { ...objects.labels, ...objects.templateLabels, ...labels },
      ...(annotations && { annotations: { ...annotations } }),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
      ...spec,
      nodeSelector: { ...nodeSelectorOf(objects), ...spec.nodeSelector },
      ...((tolerations.length > 0 || spec.tolerations) && {
        tolerations: [...tolerations, ...(spec.tolerations ?? [])],
      }),
      ...(isRestricted && { securityContext: { ...spec.securityContext, ...restrictedPod(spec) } }),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(container) }),
      containers: spec.containers.map(container),
    },
  };
}

/** https://kubernetes.io/docs/concepts/security/pod-security-standards: restricted. The user is nginx's own, where none is asked for. */
function restrictedPod({ securityContext, volumes = [] }: V1PodSpec) {
  const { runAsUser, runAsGroup } = securityContext ?? {};
  const hasClaim = volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim);
  return {
    // A new volume belongs to root.
    ...(hasClaim && { fsGroup: runAsGroup || 101 }),
    runAsNonRoot: true,
    runAsUser: runAsUser || 101,
    runAsGroup: runAsGroup || 101,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

const restrictedContainer: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
