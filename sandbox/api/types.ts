/** The types of the fields that the sandbox reads, under the names of Kubernetes' Go types. */
import { parseQuantity } from '../admission/quantity.ts';
import type { Plural } from '../store/objects.ts';

export interface Plain {
  /** As messages name it. */
  readonly go: string;
  readonly fits: (value: unknown) => boolean;
  /** Instead of `cannot unmarshal …`. */
  readonly complaint?: string;
}

export interface Struct {
  readonly go: string;
  readonly fields: Readonly<Record<string, Type>>;
}

export type Type = Plain | Struct | { readonly list: Type } | { readonly map: Type };

const struct = (go: string, fields: Struct['fields']): Struct => ({ go, fields });
const list = (of: Type) => ({ list: of });
const map = (of: Type) => ({ map: of });

const text: Plain = { go: 'string', fits: (value) => typeof value === 'string' };
const bool: Plain = { go: 'bool', fits: (value) => typeof value === 'boolean' };
const int32: Plain = { go: 'int32', fits: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 };
const int64: Plain = { go: 'int64', fits: (value) => Number.isSafeInteger(value) };
const intOrText: Plain = { go: 'intstr.IntOrString', fits: (value) => text.fits(value) || int32.fits(value) };
const quantity: Plain = {
  go: 'resource.Quantity',
  fits: (value) => (typeof value === 'string' || typeof value === 'number') && !Number.isNaN(parseQuantity(value)),
  complaint: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
};
const bytes: Plain = {
  go: '[]uint8',
  fits: (value) =>
    text.fits(value) &&
    /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(String(value).replace(/[\r\n]/g, '')),
  complaint: 'illegal base64 data',
};

const metadata = struct('ObjectMeta', {
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: map(text),
  annotations: map(text),
  finalizers: list(text),
  ownerReferences: list(
    struct('OwnerReference', {
      apiVersion: text,
      kind: text,
      name: text,
      uid: text,
      controller: bool,
      blockOwnerDeletion: bool,
    }),
  ),
});

const requirement = { key: text, operator: text, values: list(text) };
const selector = struct('LabelSelector', {
  matchLabels: map(text),
  matchExpressions: list(struct('LabelSelectorRequirement', requirement)),
});
const conditions = list(struct('Condition', { type: text, status: text, reason: text, message: text }));

const probe = struct('Probe', {
  httpGet: struct('HTTPGetAction', { path: text, port: intOrText }),
  initialDelaySeconds: int32,
  periodSeconds: int32,
  failureThreshold: int32,
});
const container = struct('Container', {
  name: text,
  image: text,
  imagePullPolicy: text,
  ports: list(struct('ContainerPort', { name: text, containerPort: int32, protocol: text })),
  env: list(struct('EnvVar', { name: text, value: text })),
  resources: struct('ResourceRequirements', { requests: map(quantity), limits: map(quantity) }),
  volumeMounts: list(struct('VolumeMount', { name: text, mountPath: text, subPath: text })),
  readinessProbe: probe,
  livenessProbe: probe,
  startupProbe: probe,
});
const volume = struct('Volume', {
  name: text,
  configMap: struct('ConfigMapVolumeSource', {
    name: text,
    optional: bool,
    items: list(struct('KeyToPath', { key: text, path: text })),
  }),
  secret: struct('SecretVolumeSource', { secretName: text, optional: bool }),
  persistentVolumeClaim: struct('PersistentVolumeClaimVolumeSource', { claimName: text }),
});
const podAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: list(
    struct('PodAffinityTerm', { labelSelector: selector, topologyKey: text, namespaces: list(text) }),
  ),
};
const nodeSelector = struct('NodeSelector', {
  nodeSelectorTerms: list(
    struct('NodeSelectorTerm', { matchExpressions: list(struct('NodeSelectorRequirement', requirement)) }),
  ),
});
const podSpec = struct('PodSpec', {
  containers: list(container),
  initContainers: list(container),
  volumes: list(volume),
  nodeName: text,
  nodeSelector: map(text),
  restartPolicy: text,
  terminationGracePeriodSeconds: int64,
  affinity: struct('Affinity', {
    nodeAffinity: struct('NodeAffinity', { requiredDuringSchedulingIgnoredDuringExecution: nodeSelector }),
    podAffinity: struct('PodAffinity', podAffinity),
    podAntiAffinity: struct('PodAntiAffinity', podAffinity),
  }),
  tolerations: list(
    struct('Toleration', { key: text, operator: text, value: text, effect: text, tolerationSeconds: int64 }),
  ),
});

const workload = {
  replicas: int32,
  minReadySeconds: int32,
  selector,
  template: struct('PodTemplateSpec', { metadata, spec: podSpec }),
};
const counts = {
  replicas: int32,
  updatedReplicas: int32,
  readyReplicas: int32,
  availableReplicas: int32,
  terminatingReplicas: int32,
  observedGeneration: int64,
  conditions,
};

const fieldsOf: Partial<Record<Plural, Struct['fields']>> = {
  namespaces: { status: struct('NamespaceStatus', { phase: text, conditions }) },
  nodes: {
    spec: struct('NodeSpec', {
      podCIDR: text,
      unschedulable: bool,
      taints: list(struct('Taint', { key: text, value: text, effect: text, timeAdded: text })),
    }),
    status: struct('NodeStatus', {
      conditions,
      allocatable: map(quantity),
      addresses: list(struct('NodeAddress', { type: text, address: text })),
    }),
  },
  pods: {
    spec: podSpec,
    status: struct('PodStatus', {
      phase: text,
      podIP: text,
      conditions,
      containerStatuses: list(struct('ContainerStatus', { name: text, state: struct('ContainerState', {}) })),
    }),
  },
  configmaps: { data: map(text), binaryData: map(bytes), immutable: bool },
  secrets: { data: map(bytes), stringData: map(text), immutable: bool, type: text },
  services: {
    spec: struct('ServiceSpec', {
      type: text,
      selector: map(text),
      clusterIP: text,
      clusterIPs: list(text),
      externalName: text,
      publishNotReadyAddresses: bool,
      ports: list(
        struct('ServicePort', { name: text, protocol: text, port: int32, targetPort: intOrText, nodePort: int32 }),
      ),
    }),
  },
  endpoints: {
    subsets: list(
      struct('EndpointSubset', {
        addresses: list(struct('EndpointAddress', { ip: text, nodeName: text })),
        notReadyAddresses: list(struct('EndpointAddress', { ip: text, nodeName: text })),
        ports: list(struct('EndpointPort', { name: text, port: int32, protocol: text })),
      }),
    ),
  },
  endpointslices: {
    addressType: text,
    endpoints: list(struct('Endpoint', { addresses: list(text), nodeName: text, zone: text })),
    ports: list(struct('EndpointPort', { name: text, port: int32, protocol: text })),
  },
  deployments: {
    spec: struct('DeploymentSpec', {
      ...workload,
      paused: bool,
      revisionHistoryLimit: int32,
      progressDeadlineSeconds: int32,
      strategy: struct('DeploymentStrategy', {
        type: text,
        rollingUpdate: struct('RollingUpdateDeployment', { maxSurge: intOrText, maxUnavailable: intOrText }),
      }),
    }),
    status: struct('DeploymentStatus', counts),
  },
  replicasets: { spec: struct('ReplicaSetSpec', workload), status: struct('ReplicaSetStatus', counts) },
  persistentvolumeclaims: {
    spec: struct('PersistentVolumeClaimSpec', {
      storageClassName: text,
      volumeName: text,
      accessModes: list(text),
      resources: struct('VolumeResourceRequirements', { requests: map(quantity) }),
    }),
    status: struct('PersistentVolumeClaimStatus', { phase: text, conditions }),
  },
  resourcequotas: {
    spec: struct('ResourceQuotaSpec', { hard: map(quantity) }),
    status: struct('ResourceQuotaStatus', { hard: map(quantity), used: map(quantity) }),
  },
  leases: { spec: struct('LeaseSpec', { holderIdentity: text, leaseDurationSeconds: int32, renewTime: text }) },
  events: { involvedObject: struct('ObjectReference', { kind: text, namespace: text, name: text, uid: text }) },
};

export function typeOf(plural: Plural, kind: string): Struct {
  return struct(kind, { metadata, ...fieldsOf[plural] });
}
