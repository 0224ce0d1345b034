/** The table of what the API serves; routes, discovery, errors and controllers read it. */
import type { Plural } from './objects.ts';
import type { Resource } from './resource.ts';
import { routes } from './routes.ts';
import { workloads } from './workloads.ts';

export type { Resource } from './resource.ts';

const core = '';

export const resources: readonly Resource[] = [
  {
    plural: 'namespaces',
    singular: 'namespace',
    kind: 'Namespace',
    group: core,
    namespaced: false,
    shortNames: ['ns'],
    status: true,
    fields: ['status.phase'],
  },
  {
    plural: 'nodes',
    singular: 'node',
    kind: 'Node',
    group: core,
    namespaced: false,
    shortNames: ['no'],
    status: true,
    fields: ['spec.unschedulable'],
  },
  {
    plural: 'pods',
    singular: 'pod',
    kind: 'Pod',
    group: core,
    namespaced: true,
    shortNames: ['po'],
    inAll: true,
    status: true,
    fields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
    ],
  },
  {
    plural: 'configmaps',
    singular: 'configmap',
    kind: 'ConfigMap',
    group: core,
    namespaced: true,
    shortNames: ['cm'],
  },
  { plural: 'secrets', singular: 'secret', kind: 'Secret', group: core, namespaced: true, fields: ['type'] },
  {
    plural: 'serviceaccounts',
    singular: 'serviceaccount',
    kind: 'ServiceAccount',
    group: core,
    namespaced: true,
    shortNames: ['sa'],
  },
  {
    plural: 'services',
    singular: 'service',
    kind: 'Service',
    group: core,
    namespaced: true,
    shortNames: ['svc'],
    inAll: true,
    status: true,
    fields: ['spec.clusterIP', 'spec.type'],
  },
  {
    plural: 'endpoints',
    singular: 'endpoints',
    kind: 'Endpoints',
    group: core,
    namespaced: true,
    shortNames: ['ep'],
    createOnPut: true,
  },
  {
    plural: 'persistentvolumeclaims',
    singular: 'persistentvolumeclaim',
    kind: 'PersistentVolumeClaim',
    group: core,
    namespaced: true,
    shortNames: ['pvc'],
    status: true,
  },
  {
    plural: 'persistentvolumes',
    singular: 'persistentvolume',
    kind: 'PersistentVolume',
    group: core,
    namespaced: false,
    shortNames: ['pv'],
    status: true,
  },
  {
    plural: 'resourcequotas',
    singular: 'resourcequota',
    kind: 'ResourceQuota',
    group: core,
    namespaced: true,
    shortNames: ['quota'],
    status: true,
  },
  {
    plural: 'events',
    singular: 'event',
    kind: 'Event',
    group: core,
    namespaced: true,
    shortNames: ['ev'],
    createOnPut: true,
    fields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.fieldPath',
      'reason',
      'type',
      'source',
    ],
  },
  {
    plural: 'leases',
    singular: 'lease',
    kind: 'Lease',
    group: 'coordination.k8s.io',
    namespaced: true,
    createOnPut: true,
    versionOnPut: true,
  },
  {
    plural: 'endpointslices',
    singular: 'endpointslice',
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    namespaced: true,
    generation: true,
  },
  {
    plural: 'storageclasses',
    singular: 'storageclass',
    kind: 'StorageClass',
    group: 'storage.k8s.io',
    namespaced: false,
    shortNames: ['sc'],
  },
  {
    plural: 'apiservices',
    singular: 'apiservice',
    kind: 'APIService',
    group: 'apiregistration.k8s.io',
    namespaced: false,
    status: true,
  },
  ...workloads,
  ...routes,
];

const byPlural = new Map(resources.map((resource) => [resource.plural, resource]));

export function resourceOf(plural: Plural): Resource {
  return byPlural.get(plural)!;
}

/** Undefined: the API does not serve it. Every group has one version, v1. */
export function findResource(group: string, plural: string): Resource | undefined {
  const resource = byPlural.get(plural as Plural);
  return resource?.group === group ? resource : undefined;
}

export function resourceOfKind(kind: string): Resource | undefined {
  return resources.find((resource) => resource.kind === kind);
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? 'v1' : `${resource.group}/v1`;
}

/** `pods` or `deployments.apps`, as messages name it. */
export function qualified(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** `Pod` or `Deployment.apps`, as messages name it. */
export function qualifiedKind(resource: Resource): string {
  return resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
}
