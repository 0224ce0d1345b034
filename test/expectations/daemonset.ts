import { type Expectations, failed, withoutApi, withoutController, withoutReadyPods } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const stay = failed({ 'Watch pod deletion': ['k8s.not_deleted'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutReadyPods('Wait on pods ready'),
    'kubelet-down (node node2)': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'pods-never-die': stay,
  },
  // A scheduler that ignores the affinity of their nodes too is no scheduler that there is.
  unsure: ['pods-on-one-node'],
  cluster: {
    ...withoutController(notReady),
    'kubelet 2 stop': notReady,
  },
} satisfies Expectations;
