/** The objects of the cluster, as far as the sandbox reads them; every other field is kept as it came. */
import type { Condition, KubeObject, LabelSelector } from './meta.ts';
import type { Pod, PodSpec } from './pods.ts';

export type * from './meta.ts';
export type * from './pods.ts';

export interface Namespace extends KubeObject {
  spec: { finalizers?: string[] };
  status: { phase: 'Active' | 'Terminating'; conditions?: Condition[] };
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface Node extends KubeObject {
  spec: { podCIDR?: string; unschedulable?: boolean; taints?: Taint[] };
  status: {
    addresses?: { type: string; address: string }[];
    allocatable?: Record<string, string>;
    conditions?: Condition[];
    [field: string]: unknown;
  };
}

export interface PodTemplate {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown };
  spec: PodSpec;
}

export interface Workload extends KubeObject {
  spec: { replicas: number; selector: LabelSelector; template: PodTemplate; minReadySeconds?: number };
}

export interface ReplicaSet extends Workload {
  status: {
    replicas: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    terminatingReplicas?: number;
    observedGeneration?: number;
    conditions?: Condition[];
  };
}

export interface Deployment extends Workload {
  spec: Workload['spec'] & {
    strategy: { type: string; rollingUpdate?: { maxSurge: number | string; maxUnavailable: number | string } };
    revisionHistoryLimit: number;
    progressDeadlineSeconds: number;
    paused?: boolean;
  };
  status: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
    terminatingReplicas?: number;
    conditions?: Condition[];
  };
}

export interface ServicePort {
  name?: string;
  protocol: string;
  port: number;
  targetPort: number | string;
  nodePort?: number;
}

export interface Service extends KubeObject {
  spec: {
    type: string;
    selector?: Record<string, string>;
    clusterIP?: string;
    clusterIPs?: string[];
    ports?: ServicePort[];
    publishNotReadyAddresses?: boolean;
    externalName?: string;
    [field: string]: unknown;
  };
}

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: { kind: string; namespace?: string; name: string; uid: string };
}

export interface Endpoints extends KubeObject {
  subsets?: {
    addresses?: EndpointAddress[];
    notReadyAddresses?: EndpointAddress[];
    ports?: { name?: string; port: number; protocol: string }[];
  }[];
}

export interface Endpoint {
  addresses: string[];
  conditions: { ready: boolean; serving: boolean; terminating: boolean };
  hostname?: string;
  nodeName?: string;
  zone?: string;
  targetRef?: EndpointAddress['targetRef'];
}

export interface EndpointSlice extends KubeObject {
  addressType: string;
  endpoints: Endpoint[] | null;
  ports: { name: string; port: number; protocol: string }[] | null;
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

export interface ResourceQuota extends KubeObject {
  spec: { hard?: Record<string, string> };
  status: { hard?: Record<string, string>; used?: Record<string, string> };
}

export interface Claim extends KubeObject {
  spec: {
    volumeMode?: string;
    storageClassName?: string;
    volumeName?: string;
    accessModes?: string[];
    resources?: { requests?: Record<string, string> };
  };
  status: {
    phase: string;
    accessModes?: string[];
    capacity?: Record<string, string>;
    conditions?: Condition[];
  };
}

export interface PersistentVolume extends KubeObject {
  spec: {
    capacity: Record<string, string>;
    storageClassName: string;
    claimRef?: { uid: string };
    [field: string]: unknown;
  };
  status: { phase: string; message?: string };
}

export interface StorageClass extends KubeObject {
  provisioner: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

export interface Lease extends KubeObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; renewTime?: string; [field: string]: unknown };
}

export interface Event extends KubeObject {
  involvedObject: { kind: string; namespace?: string; name: string; uid?: string };
  reason: string;
  message: string;
  type: string;
  count: number;
  lastTimestamp: string;
}

/** Plural → what is stored under it. */
export interface Kinds {
  namespaces: Namespace;
  nodes: Node;
  pods: Pod;
  configmaps: ConfigMap;
  secrets: KubeObject;
  serviceaccounts: KubeObject;
  services: Service;
  endpoints: Endpoints;
  endpointslices: EndpointSlice;
  deployments: Deployment;
  replicasets: ReplicaSet;
  persistentvolumeclaims: Claim;
  persistentvolumes: PersistentVolume;
  storageclasses: StorageClass;
  resourcequotas: ResourceQuota;
  leases: Lease;
  events: Event;
}

export type Plural = keyof Kinds;
