import { createHash } from 'node:crypto';
import type { V1ConfigMap, V1Deployment, V1Service, V1Toleration } from '@kubernetes/client-node';
import { instanceLabel, ourLabels, runLabel } from '../session/ownership.ts';

/** What the test objects look like, from the configuration. */
export interface TestObjects {
  /** TEST_DEPLOYMENT: the deployment's name and its ConfigMap's. */
  readonly deployment: string;
  /** TEST_SERVICE */
  readonly service: string;
  readonly replicas: number;
  readonly antiAffinityKey: string;
  /** DOCKER_REGISTRY_HOST, prefix of every image. */
  readonly registry: string;
  readonly deploymentLabels: Readonly<Record<string, string>>;
  readonly templateLabels: Readonly<Record<string, string>>;
  readonly imagePullSecrets: readonly string[];
  readonly podSecurity: 'baseline' | 'restricted';
  readonly clusterDomain: string;
  /** TEST_LABELS: on everything that is made. */
  readonly labels?: Readonly<Record<string, string>>;
  /** TEST_TOLERATIONS */
  readonly tolerations?: readonly V1Toleration[];
  /** TEST_NODE_SELECTOR */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** IMAGE_PULL_POLICY */
  readonly imagePullPolicy?: string;
}

/** Which of the two images: an update goes from `first` to `second`. */
export type ImageChoice = 'first' | 'second';

const images: Readonly<Record<ImageChoice, string>> = { first: 'nginx:1.28-alpine', second: 'nginx:1.29-alpine' };

/** What pods serve unless a suite asks for another page. */
export const standardPage = 'kube-e2etests: this page is served by a test pod\n';
/** Of the test pods; somebody may inject others beside it. */
export const containerName = 'nginx';
export const podPort = 8080;
export const servicePort = 80;

export function imageOf(objects: TestObjects, choice: ImageChoice): string {
  return objects.registry ? `${objects.registry}/${images[choice]}` : images[choice];
}

/**
 * nginx without root: a port above 1024, every path it writes under /tmp, logs on stdout and stderr. The readiness
 * probe has a location of its own that is not logged, so that a pod's log holds what was asked of it and no more.
 */
const nginxConf = `worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 256; }
http {
  access_log /dev/stdout combined;
  client_body_temp_path /tmp/client_body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen ${podPort};
    default_type text/plain;
    location = /healthz { access_log off; return 200; }
    location / { root /etc/kube-e2etests; index index.html; }
  }
}
`;

/** On the pods: a version of ours with another configuration makes new ones, since a ConfigMap reaches those that stand only after a minute. */
const contentHash = createHash('sha256').update(nginxConf).update(standardPage).digest('hex').slice(0, 10);

export function configMapManifest(objects: TestObjects, namespace: string, page: string, runId?: string): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: objects.deployment, namespace, labels: ourLabels(runId, objects.labels) },
    data: { 'nginx.conf': nginxConf, 'index.html': page },
  };
}

/** The labels that select the deployment's pods; with a run's id only that run's. */
export function selectorOf(objects: TestObjects, runId?: string): Record<string, string> {
  return { app: 'hello-minikube', [instanceLabel]: objects.deployment, ...(runId && { [runLabel]: runId }) };
}

/** The labels of the nodes that the test pods may be on. */
export function nodeSelectorOf({ nodeSelector }: TestObjects): Record<string, string> {
  return { 'kubernetes.io/os': 'linux', ...nodeSelector };
}

export interface DeploymentWish {
  readonly image: ImageChoice;
  /** Annotation of the pod template: another one makes new pods. */
  readonly revision?: string;
  readonly replicas: number;
}

export function deploymentManifest(
  objects: TestObjects,
  namespace: string,
  wish: DeploymentWish,
  runId?: string,
): V1Deployment {
  const selector = selectorOf(objects, runId);
  const restricted = objects.podSecurity === 'restricted';
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: objects.deployment,
      namespace,
      labels: { app: 'hello-minikube', ...objects.labels, ...objects.deploymentLabels, ...ourLabels(runId) },
    },
    spec: {
      replicas: wish.replicas,
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: 60,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } },
      template: {
        metadata: {
          labels: { ...objects.labels, ...objects.templateLabels, ...ourLabels(runId), ...selector },
          annotations: {
            'kube-e2etests.io/revision': wish.revision ?? 'standard',
            'kube-e2etests.io/content': contentHash,
          },
        },
        spec: {
          nodeSelector: nodeSelectorOf(objects),
          ...(objects.tolerations?.length && { tolerations: [...objects.tolerations] }),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 10,
          imagePullSecrets: objects.imagePullSecrets.map((name) => ({ name })),
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: objects.antiAffinityKey, labelSelector: { matchLabels: selector } },
              ],
            },
          },
          ...(restricted && {
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 101,
              runAsGroup: 101,
              seccompProfile: { type: 'RuntimeDefault' },
            },
          }),
          containers: [
            {
              name: containerName,
              image: imageOf(objects, wish.image),
              ...(objects.imagePullPolicy && { imagePullPolicy: objects.imagePullPolicy }),
              command: ['nginx', '-e', 'stderr', '-c', '/etc/kube-e2etests/nginx.conf', '-g', 'daemon off;'],
              ports: [{ containerPort: podPort, protocol: 'TCP' }],
              readinessProbe: { httpGet: { path: '/healthz', port: podPort }, periodSeconds: 1, timeoutSeconds: 2 },
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
              volumeMounts: [
                { name: 'page', mountPath: '/etc/kube-e2etests', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
              ...(restricted && {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              }),
            },
          ],
          volumes: [
            { name: 'page', configMap: { name: objects.deployment } },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

export function serviceManifest(objects: TestObjects, namespace: string, runId?: string): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: objects.service, namespace, labels: ourLabels(runId, objects.labels) },
    spec: {
      selector: selectorOf(objects, runId),
      ports: [{ port: servicePort, targetPort: podPort as never, protocol: 'TCP' }],
    },
  };
}
