import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const noEnd = failed({ 'Wait on completions': ['timeout.events'] });
const cannotRun = failed({ 'Wait on completions': ['k8s.pod_failed'] });
const noLogs = failed({ 'Validate pod logs': ['k8s.log_incorrect'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': noEnd,
    'kubelet-slow (seconds 12)': noEnd,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'logs-empty': noLogs,
    'logs-stale': noLogs,
    'quota-exhausted': errored({ 'Wait on completions': ['k8s.replica_failure'] }),
  },
  unsure: ['kubelet-down (node node2)'],
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': noEnd,
    'scheduler pause': noEnd,
    'controller-manager stop': noEnd,
    'controller-manager pause': noEnd,
  },
} satisfies Expectations;
