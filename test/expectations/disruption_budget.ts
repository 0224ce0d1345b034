import {
  atRequirements,
  type Expectations,
  errored,
  failed,
  withoutApi,
  withoutControlPlane,
  withoutRights,
} from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const cannotRun = failed({ 'Wait on pods ready': ['k8s.pod_failed'] });
const stale = failed({ 'Wait on budget': ['k8s.budget_stale'] });

export default {
  sandbox: {
    ...atRequirements(withoutApi),
    ...withoutRights,
    'disruption-controller-down': stale,
    'scheduler-down': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'readiness-never': notReady,
    'pods-never-die': notReady,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'quota-exhausted': errored({ 'Wait on pods ready': ['k8s.replica_failure'] }),
  },
  // The pod that is evicted may be on another node.
  unsure: ['kubelet-down (node node2)'],
  cluster: {
    ...atRequirements(withoutControlPlane),
    'scheduler stop': notReady,
    'scheduler pause': notReady,
    'controller-manager stop': stale,
    'controller-manager pause': stale,
  },
} satisfies Expectations;
