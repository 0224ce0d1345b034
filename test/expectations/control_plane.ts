import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const nobodyLeads = failed({ 'Watch leases of leaders': ['k8s.lease_stale'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': nobodyLeads,
    'watch-silent': failed({ 'See it on the watch': ['timeout.watch'] }),
    'configmap-forbidden': errored({ 'Create ConfigMap': ['api.forbidden'] }),
    'forbidden (resource deployments)': errored({ 'Try admission': ['api.forbidden'] }),
    'quota-exhausted': errored({ 'Try admission': ['api.forbidden'] }),
  },
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': nobodyLeads,
    'scheduler pause': nobodyLeads,
    'controller-manager stop': nobodyLeads,
    'controller-manager pause': nobodyLeads,
  },
} satisfies Expectations;
