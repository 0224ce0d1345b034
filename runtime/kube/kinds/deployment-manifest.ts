import type { V1Deployment, V1Probe, V1Volume } from '@kubernetes/client-node';
import { contentHash } from './configmap.ts';
import { ourLabels } from './ownership.ts';
import { podTemplate } from './pod-template.ts';
import {
  containerName,
  type ImageChoice,
  imageOf,
  podPort,
  secondPort,
  selectorOf,
  type TestObjects,
} from './test-objects.ts';

/** A volume and where the test container finds it. */
export interface MountedVolume {
  /** `{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }` */
  readonly volume: V1Volume;
  readonly mountPath: string;
  /** Default: false. */
  readonly readOnly?: boolean;
}

export interface DeploymentOptions {
  /** Default: TEST_REPLICAS. */
  readonly replicas?: number;
  /** `first` or `second`, the two nginx images between which updates go, or an image of another name. Default: `first`. */
  readonly image?: ImageChoice | (string & {});
  /** Beside its page and its /tmp. Default: none. */
  readonly volumes?: readonly MountedVolume[];
  /** Serve the page of the run's Secret too, which must be there. Default: false. */
  readonly secret?: boolean;
  /** As its ConfigMap's: pods that listen on IPv4 alone are replaced. Default: as they are. */
  readonly families?: 'both';
  /** Default: ready once it answers, asked every second; no others. */
  readonly probes?: { readonly readiness?: V1Probe; readonly liveness?: V1Probe; readonly startup?: V1Probe };
}

/** What the manifest says of the moment. */
export interface DeploymentState extends DeploymentOptions {
  readonly image: ImageChoice | (string & {});
  /** Annotation of the pod template: another one makes new pods. */
  readonly revision?: string;
  readonly replicas: number;
}

const ready: V1Probe = { httpGet: { path: '/healthz', port: podPort as never }, periodSeconds: 1, timeoutSeconds: 2 };

export function deploymentManifest(
  objects: TestObjects,
  namespace: string,
  state: DeploymentState,
  runId?: string,
): V1Deployment {
  const selector = selectorOf(objects, runId);
  const { volumes = [], probes: { readiness = ready, liveness, startup } = {} } = state;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: objects.deployment,
      namespace,
      labels: { app: 'hello-minikube', ...objects.labels, ...objects.deploymentLabels, ...ourLabels(runId) },
    },
    spec: {
      replicas: state.replicas,
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: 60,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' as never } },
      template: podTemplate(objects, {
        labels: { ...ourLabels(runId), ...selector },
        annotations: {
          'kube-e2etests.io/revision': state.revision ?? 'standard',
          'kube-e2etests.io/content': state.families ? `${contentHash}-both` : contentHash,
        },
        spec: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: objects.antiAffinityKey, labelSelector: { matchLabels: selector } },
              ],
            },
          },
          containers: [
            {
              name: containerName,
              image: imageOf(objects, state.image),
              command: ['nginx', '-e', 'stderr', '-c', '/etc/kube-e2etests/nginx.conf', '-g', 'daemon off;'],
              ports: [podPort, secondPort].map((containerPort) => ({ containerPort, protocol: 'TCP' })),
              readinessProbe: readiness,
              ...(liveness && { livenessProbe: liveness }),
              ...(startup && { startupProbe: startup }),
              volumeMounts: [
                { name: 'page', mountPath: '/etc/kube-e2etests', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
                ...volumes.map(({ volume: { name }, mountPath, readOnly }) => ({
                  name,
                  mountPath,
                  ...(readOnly && { readOnly }),
                })),
              ],
            },
          ],
          volumes: [
            { name: 'page', ...pageOf(objects.deployment, state.secret) },
            { name: 'tmp', emptyDir: {} },
            ...volumes.map(({ volume }) => volume),
          ],
        },
      }),
    },
  };
}

/** ConfigMap and Secret have one name, and are one folder. */
function pageOf(name: string, withSecret = false): Omit<V1Volume, 'name'> {
  return withSecret
    ? { projected: { sources: [{ configMap: { name } }, { secret: { name } }] } }
    : { configMap: { name } };
}
