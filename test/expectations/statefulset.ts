import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const cannotRun = failed({ 'Wait on pods ready': ['k8s.pod_failed'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'readiness-never': notReady,
    'pods-never-die': failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
    'quota-exhausted': errored({ 'Wait on pods ready': ['k8s.replica_failure'] }),
  },
  unsure: ['kubelet-down (node node2)'],
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': notReady,
    'scheduler pause': notReady,
    'controller-manager stop': notReady,
    'controller-manager pause': notReady,
  },
} satisfies Expectations;
