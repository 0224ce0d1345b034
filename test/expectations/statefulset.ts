import { type Expectations, failed, withoutApi, withoutController, withoutReadyPods } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutReadyPods('Wait on pods ready'),
    'kubelet-slow (seconds 12)': notReady,
    'pods-never-die': failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
  },
  unsure: ['kubelet-down (node node2)'],
  cluster: {
    ...withoutController(notReady),
  },
} satisfies Expectations;
