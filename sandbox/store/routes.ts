/** What leads into the cluster, in the table of what the API serves. */
import type { Resource } from './resource.ts';

export const routes: readonly Resource[] = [
  {
    plural: 'ingresses',
    singular: 'ingress',
    kind: 'Ingress',
    group: 'networking.k8s.io',
    namespaced: true,
    shortNames: ['ing'],
    status: true,
    generation: true,
  },
  {
    plural: 'ingressclasses',
    singular: 'ingressclass',
    kind: 'IngressClass',
    group: 'networking.k8s.io',
    namespaced: false,
    generation: true,
  },
  {
    plural: 'gatewayclasses',
    singular: 'gatewayclass',
    kind: 'GatewayClass',
    group: 'gateway.networking.k8s.io',
    namespaced: false,
    shortNames: ['gc'],
    status: true,
    generation: true,
  },
  {
    plural: 'gateways',
    singular: 'gateway',
    kind: 'Gateway',
    group: 'gateway.networking.k8s.io',
    namespaced: true,
    shortNames: ['gtw'],
    status: true,
    generation: true,
  },
  {
    plural: 'httproutes',
    singular: 'httproute',
    kind: 'HTTPRoute',
    group: 'gateway.networking.k8s.io',
    namespaced: true,
    status: true,
    generation: true,
  },
];
