/** The kinds of objects that suites make: one row each, the typed client's calls behind five verbs. */
import type {
  KubernetesListObject,
  KubernetesObject,
  V1ConfigMap,
  V1DeleteOptions,
  V1Deployment,
  V1Namespace,
  V1Service,
} from '@kubernetes/client-node';
import type { Apis } from '../client/apis.ts';
import type { CallOptions } from '../client/calls.ts';

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export interface ObjectKind<T extends KubernetesObject> {
  /** lower case, as kubectl says it */
  readonly kind: string;
  /** Of the collection, for a watch. */
  path(namespace: string): string;
  create(apis: Apis, namespace: string, body: T, options: CallOptions): Promise<T>;
  apply(apis: Apis, place: Place, body: T, options: CallOptions): Promise<T>;
  read(apis: Apis, place: Place, options: CallOptions): Promise<T>;
  list(apis: Apis, namespace: string, selectors: Selectors, options: CallOptions): Promise<KubernetesListObject<T>>;
  remove(apis: Apis, place: Place, body: V1DeleteOptions, options: CallOptions): Promise<unknown>;
}

export interface Selectors {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

const fieldManager = 'kube-e2etests';
/** We own what we apply: another manager's fields in our objects are a fault to repair. */
const applied = { fieldManager, force: true };
const asApply = ({ withHeader }: Apis, options: CallOptions) =>
  withHeader('Content-Type', 'application/apply-patch+yaml', options);

export const configMaps: ObjectKind<V1ConfigMap> = {
  kind: 'configmap',
  path: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  create: ({ core }, namespace, body, o) => core.createNamespacedConfigMap({ namespace, body, fieldManager }, o),
  apply: (apis, place, body, o) => apis.core.patchNamespacedConfigMap({ ...place, body, ...applied }, asApply(apis, o)),
  read: ({ core }, place, o) => core.readNamespacedConfigMap(place, o),
  list: ({ core }, namespace, selectors, o) => core.listNamespacedConfigMap({ namespace, ...selectors }, o),
  remove: ({ core }, place, body, o) => core.deleteNamespacedConfigMap({ ...place, body }, o),
};

export const deployments: ObjectKind<V1Deployment> = {
  kind: 'deployment',
  path: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  create: ({ apps }, namespace, body, o) => apps.createNamespacedDeployment({ namespace, body, fieldManager }, o),
  apply: (apis, place, body, o) =>
    apis.apps.patchNamespacedDeployment({ ...place, body, ...applied }, asApply(apis, o)),
  read: ({ apps }, place, o) => apps.readNamespacedDeployment(place, o),
  list: ({ apps }, namespace, selectors, o) => apps.listNamespacedDeployment({ namespace, ...selectors }, o),
  remove: ({ apps }, place, body, o) => apps.deleteNamespacedDeployment({ ...place, body }, o),
};

export const services: ObjectKind<V1Service> = {
  kind: 'service',
  path: (namespace) => `/api/v1/namespaces/${namespace}/services`,
  create: ({ core }, namespace, body, o) => core.createNamespacedService({ namespace, body, fieldManager }, o),
  apply: (apis, place, body, o) => apis.core.patchNamespacedService({ ...place, body, ...applied }, asApply(apis, o)),
  read: ({ core }, place, o) => core.readNamespacedService(place, o),
  list: ({ core }, namespace, selectors, o) => core.listNamespacedService({ namespace, ...selectors }, o),
  remove: ({ core }, place, body, o) => core.deleteNamespacedService({ ...place, body }, o),
};

export const namespaces: ObjectKind<V1Namespace> = {
  kind: 'namespace',
  path: () => '/api/v1/namespaces',
  create: ({ core }, _, body, o) => core.createNamespace({ body, fieldManager }, o),
  apply: (apis, { name }, body, o) => apis.core.patchNamespace({ name, body, ...applied }, asApply(apis, o)),
  read: ({ core }, { name }, o) => core.readNamespace({ name }, o),
  list: ({ core }, _, selectors, o) => core.listNamespace(selectors, o),
  remove: ({ core }, { name }, body, o) => core.deleteNamespace({ name, body }, o),
};
