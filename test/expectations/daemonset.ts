import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const cannotRun = failed({ 'Wait on pods ready': ['k8s.pod_failed'] });
const stay = failed({ 'Watch pod deletion': ['k8s.not_deleted'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': notReady,
    'kubelet-down (node node2)': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'readiness-never': notReady,
    'pods-never-die': stay,
    'quota-exhausted': errored({ 'Wait on pods ready': ['k8s.replica_failure'] }),
  },
  // A scheduler that ignores the affinity of their nodes too is no scheduler that there is.
  unsure: ['pods-on-one-node'],
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': notReady,
    'scheduler pause': notReady,
    'controller-manager stop': notReady,
    'controller-manager pause': notReady,
    'kubelet 2 stop': notReady,
  },
} satisfies Expectations;
