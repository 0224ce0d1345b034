import type { V1Toleration } from '@kubernetes/client-node';
import { instanceLabel, ofRun, runLabel } from './ownership.ts';

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
  /** AGENT_IMAGE: this product's own image, by its whole name. */
  readonly agentImage?: string;
  /** PULL_IMAGE: what is pulled in the place of the first test image. */
  readonly pullImage?: string;
  /** STORAGE_CLASS: that of claims. */
  readonly storageClass?: string;
  /** INGRESS_CLASS; undefined: the cluster's default. */
  readonly ingressClass?: string;
  /** GATEWAY; undefined: one of our own. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

/** Which of the two images: an update goes from `first` to `second`. */
export type ImageChoice = 'first' | 'second';

const images: Readonly<Record<ImageChoice, string>> = { first: 'nginx:1.28-alpine', second: 'nginx:1.29-alpine' };

/** Of the test pods; somebody may inject others beside it. */
export const containerName = 'nginx';
export const podPort = 8080;
/** Where the same pods serve another page. */
export const secondPort = 8081;

/** `choice`: one of the two, or an image by its name. */
export function imageOf(objects: TestObjects, choice: ImageChoice | (string & {})): string {
  const image = images[choice as ImageChoice] ?? choice;
  return objects.registry ? `${objects.registry}/${image}` : image;
}

/** The labels that select the deployment's pods; with a run's id only that run's. */
export function selectorOf(objects: TestObjects, runId?: string): Record<string, string> {
  return { app: 'hello-minikube', [instanceLabel]: objects.deployment, ...(runId && { [runLabel]: runId }) };
}

/** Those of the agents of a run. */
export function agentLabels(objects: TestObjects, runId = ''): Record<string, string> {
  return ofRun(agentsName(objects), runId);
}

/** Of the service in front of them: what agentPortName is in agent/contract.ts. */
export const agentsPortName = 'agent';

export function agentsName({ deployment }: TestObjects): string {
  return `${deployment}-agents`;
}

/** The labels of the nodes that the test pods may be on. */
export function nodeSelectorOf({ nodeSelector }: TestObjects): Record<string, string> {
  return { 'kubernetes.io/os': 'linux', ...nodeSelector };
}
