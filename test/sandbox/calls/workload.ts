/** A deployment from its creation to its end, with its service; a quota; the end of the namespace. */
import { type Body, deployment, home, isReady, service } from '../kit.ts';
import { type Call, conditionsOf, configMap, get, patch, post, remove } from './call.ts';

const countsOf = ({ status: { conditions, collisionCount, ...counts } }: Body) => counts;

const isRolledOut = ({ metadata, status }: Body): boolean =>
  status.observedGeneration === metadata.generation &&
  status.updatedReplicas === 3 &&
  status.replicas === 3 &&
  status.availableReplicas === 3;

const podOf = (pod: Body) => ({
  node: !!pod.spec.nodeName,
  phase: pod.status.phase,
  conditions: conditionsOf(pod),
  containers: pod.status.containerStatuses.map(({ name, image, ready, restartCount, started, state }: Body) => {
    return { name, image, ready, restartCount, started, state: Object.keys(state) };
  }),
  owner: pod.metadata.ownerReferences.map(({ name, uid, ...owner }: Body) => owner),
  labels: Object.keys(pod.metadata.labels).sort(),
  named: pod.metadata.name.startsWith(pod.metadata.generateName),
});

const endpointsOf = ({ subsets = [] }: Body) =>
  subsets.map(({ addresses = [], notReadyAddresses, ports }: Body) => ({
    addresses: addresses.map((address: Body) => [Object.keys(address).sort(), address.targetRef.kind]),
    notReadyAddresses,
    ports,
  }));

const setOf = ({ spec, status, metadata }: Body) => ({
  replicas: spec.replicas,
  status,
  annotations: metadata.annotations,
  labels: Object.keys(metadata.labels).sort(),
  image: spec.template.spec.containers[0].image,
});

export function creationCalls(namespace: string): Call[] {
  const { core, apps } = home(namespace);
  const deployments = `${apps}/deployments`;
  const services = `${core}/services`;
  const invalid = deployment('bad', { replicas: -1 });
  invalid.spec.template.metadata.labels = { app: 'other' };
  const taken = { metadata: { name: 'bad' }, spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] } };
  return [
    post('an invalid deployment', deployments, invalid),
    post('an empty deployment', deployments, { metadata: { name: 'bad' }, spec: {} }),
    post('a deployment', deployments, deployment(), { read: ({ spec, metadata }) => [spec, metadata.generation] }),
    post('a service', services, service(), {
      read: ({ spec: { type, ports, selector, sessionAffinity }, status }) => [
        type,
        ports,
        selector,
        sessionAffinity,
        status,
      ],
    }),
    post('a service without ports', services, { metadata: { name: 'bad' }, spec: { ports: [] } }),
    post('a service with a taken address', services, taken),
  ];
}

export function lifeCalls(namespace: string): Call[] {
  const { core, apps } = home(namespace);
  const deployments = `${apps}/deployments`;
  const web = `${deployments}/web`;
  const pods = `${core}/pods?labelSelector=app%3Dweb`;
  const rolledOut = { path: deployments, holds: ([one]: Body[]) => isRolledOut(one) };
  const image = { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.29-alpine' }] } } } };
  const seen = {
    read: (body: Body) => [body.spec.replicas, countsOf(body), conditionsOf(body), body.metadata.annotations],
  };
  return [
    get('its pods, ready', pods, {
      after: { path: pods, holds: (items) => items.filter(isReady).length === 3 },
      read: ({ items }) => items.map(podOf),
    }),
    get('the deployment, available', web, { after: rolledOut, ...seen }),
    get('its replica set', `${apps}/replicasets`, { read: ({ items }) => items.map(setOf) }),
    get('its endpoints', `${core}/endpoints/web`, {
      after: { path: `${core}/endpoints`, holds: ([one]) => one?.subsets?.[0]?.addresses?.length === 3 },
      read: endpointsOf,
    }),
    patch('change the selector', 'strategic', web, { spec: { selector: { matchLabels: { app: 'x' } } } }),
    get('read the scale', `${web}/scale`, { read: ({ spec, status }) => [spec, status] }),
    patch('a negative scale', 'merge', `${web}/scale`, { spec: { replicas: -1 } }),
    patch('update the image', 'strategic', web, image, { read: ({ metadata }) => metadata.generation }),
    get('rolled out', web, { after: rolledOut, ...seen }),
    get('both replica sets', `${apps}/replicasets`, {
      read: ({ items }) => items.map(setOf).sort((a: Body, b: Body) => a.replicas - b.replicas),
    }),
    patch('scale to nothing', 'merge', `${web}/scale`, { spec: { replicas: 0 } }, { read: ({ spec }) => spec }),
    get('empty endpoints', `${core}/endpoints/web`, {
      after: { path: `${core}/endpoints`, holds: (items) => items.every(({ subsets }) => subsets === undefined) },
      read: endpointsOf,
    }),
    get('scaled to nothing', web, {
      after: { path: deployments, holds: ([one]) => !one?.status.replicas && one?.status.terminatingReplicas === 0 },
      ...seen,
    }),
    remove('delete with a wrong uid', web, { preconditions: { uid: 'x' } }),
    remove('delete with an unknown policy', web, { propagationPolicy: 'Nope' }),
    remove(
      'delete in the foreground',
      web,
      { propagationPolicy: 'Foreground' },
      {
        read: ({ metadata }) => [
          metadata.finalizers,
          !!metadata.deletionTimestamp,
          metadata.deletionGracePeriodSeconds,
        ],
      },
    ),
    get('deleted', web, { after: { path: deployments, holds: (items) => items.length === 0 } }),
    get('its replica sets are gone', `${apps}/replicasets`, { read: ({ items }) => items.length }),
    remove('delete the service', `${core}/services/web`, undefined, {
      read: ({ kind, details }) => [kind, details?.kind],
    }),
  ];
}

export function quotaCalls(namespace: string): Call[] {
  const { core, apps } = home(namespace);
  const quotas = `${core}/resourcequotas`;
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx:1.28-alpine' }] } };
  const review = { spec: { resourceAttributes: { namespace, verb: 'get', resource: 'pods' } } };
  return [
    post('a quota', quotas, { metadata: { name: 'quota' }, spec: { hard: { pods: '0', services: '1' } } }),
    get('its accounting', `${quotas}/quota`, {
      after: { path: quotas, holds: ([quota]) => quota?.status?.used?.services === '0' },
      read: ({ status }) => status,
    }),
    post('a pod too many', `${core}/pods`, pod),
    post('a deployment without room', `${apps}/deployments`, deployment('full', { replicas: 1 })),
    get('says why', `${apps}/deployments/full`, {
      after: {
        path: `${apps}/deployments`,
        holds: ([one]) => conditionsOf(one).some(([type]) => type === 'ReplicaFailure'),
      },
      read: conditionsOf,
    }),
    post('what one may do', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, {
      read: ({ status }) => status,
    }),
  ];
}

export function endCalls(namespace: string): Call[] {
  const path = `/api/v1/namespaces/${namespace}`;
  return [
    remove('delete the namespace', path, undefined, { read: ({ status, spec }) => [status.phase, spec] }),
    post('create in a namespace that ends', `${path}/configmaps`, configMap('late', {})),
    get('the namespace is gone', path, {
      after: {
        path: `/api/v1/namespaces?fieldSelector=metadata.name%3D${namespace}`,
        holds: (items) => items.length === 0,
      },
    }),
  ];
}
