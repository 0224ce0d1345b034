/** What the API server fills in when a field was not given. */
import { kinds } from '../kinds/index.ts';
import type {
  Container,
  Deployment,
  KubeObject,
  Lease,
  Namespace,
  Plural,
  Pod,
  PodSpec,
  Probe,
  Service,
  Workload,
} from '../store/objects.ts';

/** `target[key] = value` for each key that is absent. */
function fill(target: object, values: Record<string, unknown>): void {
  const fields = target as Record<string, unknown>;
  for (const [key, value] of Object.entries(values)) if (fields[key] === undefined) fields[key] = value;
}

const defaulters: Partial<Record<Plural, (object: KubeObject) => void>> = {
  namespaces: (object) => {
    const namespace = object as Namespace;
    fill(namespace, { spec: {}, status: { phase: 'Active' } });
    fill(namespace.spec, { finalizers: ['kubernetes'] });
    namespace.metadata.labels = {
      'kubernetes.io/metadata.name': namespace.metadata.name,
      ...namespace.metadata.labels,
    };
  },
  pods: (object) => {
    const pod = object as Pod;
    defaultPodSpec(pod.spec);
    fill(pod.spec, { serviceAccountName: 'default', serviceAccount: 'default', enableServiceLinks: true, priority: 0 });
    fill(pod.spec, { preemptionPolicy: 'PreemptLowerPriority', tolerations: [] });
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      if (pod.spec.tolerations!.some((toleration) => toleration.key === key)) continue;
      pod.spec.tolerations!.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
    }
    fill(pod, { status: { phase: 'Pending', qosClass: qualityOf(pod.spec) } });
  },
  deployments: (object) => {
    const { spec } = object as Deployment;
    fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    fill(spec.strategy, { type: 'RollingUpdate' });
    if (spec.strategy.type === 'RollingUpdate') {
      fill(spec.strategy, { rollingUpdate: {} });
      fill(spec.strategy.rollingUpdate!, { maxUnavailable: '25%', maxSurge: '25%' });
    }
    defaultTemplate(object as Deployment);
    fill(object, { status: {} });
  },
  replicasets: (object) => {
    fill((object as Workload).spec, { replicas: 1 });
    defaultTemplate(object as Workload);
    fill(object, { status: { replicas: 0 } });
  },
  services: (object) => {
    const { spec } = object as Service;
    fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
    for (const port of spec.ports ?? []) fill(port, { protocol: 'TCP', targetPort: port.port });
    if (spec.type !== 'ExternalName') {
      fill(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    }
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') fill(spec, { externalTrafficPolicy: 'Cluster' });
    fill(object, { status: { loadBalancer: {} } });
  },
  secrets: (object) => fill(object, { type: 'Opaque' }),
  resourcequotas: (object) => fill(object, { spec: {}, status: {} }),
  leases: (object) => fill(object as Lease, { spec: {} }),
  endpointslices: (object) => fill(object, { endpoints: null, ports: null }),
};

export function applyDefaults(plural: Plural, object: KubeObject): void {
  defaulters[plural]?.(object);
  const kind = kinds.find((one) => one.plural === plural);
  kind?.defaults?.(object);
  const template = kind?.template?.(object);
  if (template) defaultPodSpec(template.spec);
}

function defaultTemplate({ spec: { template } }: Workload): void {
  fill(template, { metadata: {} });
  defaultPodSpec(template.spec);
}

function defaultPodSpec(spec: PodSpec): void {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) {
    if (volume.configMap) fill(volume.configMap, { defaultMode: 420 });
    if (volume.secret) fill(volume.secret, { defaultMode: 420 });
  }
}

function defaultContainer(container: Container): void {
  const latest = /:latest$|^[^:]*$/.test((container.image ?? '').replace(/^.*\//, ''));
  fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
  });
  for (const port of container.ports ?? []) fill(port, { protocol: 'TCP' });
  for (const probe of [container.readinessProbe, container.livenessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  const { limits, requests } = container.resources!;
  if (limits) container.resources!.requests = { ...limits, ...requests };
}

function defaultProbe(probe: Probe): void {
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (probe.httpGet) fill(probe.httpGet, { path: '/', scheme: 'HTTP' });
}

function qualityOf(spec: PodSpec): string {
  const resources = spec.containers.map((container) => container.resources ?? {});
  if (resources.every(({ requests, limits }) => !requests && !limits)) return 'BestEffort';
  const guaranteed = resources.every(
    ({ requests, limits }) =>
      limits?.cpu && limits.memory && requests?.cpu === limits.cpu && requests.memory === limits.memory,
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
