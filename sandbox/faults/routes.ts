/** Faults of what leads into the cluster. */

export const routeFaults = {
  'ingress-down': {
    description: 'What serves Ingresses and Gateways is stopped: nobody answers at its address',
    breaks: 'every request to a host of an Ingress or an HTTPRoute',
    options: { mode: 'refuse' },
    allowed: { mode: ['refuse', 'timeout'] },
  },
  'ingress-stale': {
    description: 'What serves Ingresses and Gateways does not learn of changes',
    breaks: 'new, changed and deleted routes: the old ones are served',
  },
  'ingress-controller-down': {
    description: 'The controller of Ingresses and Gateways is stopped; what serves the old routes goes on',
    breaks:
      'new Ingresses and Gateways get no address, new routes are not served, changed and deleted ones not noticed',
  },
} as const;
