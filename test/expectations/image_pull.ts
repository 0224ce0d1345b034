import { type Expectations, errored, failed, withoutApi, withoutController } from '../red.ts';

const pulled = 'Wait on image pulled';
const late = failed({ [pulled]: ['timeout.waiting_on_phase'] });

export default {
  sandbox: {
    ...withoutApi,
    'image-pull-fails': failed({ [pulled]: ['pull.unreachable'] }),
    'scheduler-down': late,
    'kubelet-down (node node2)': late,
    'quota-exhausted': errored({ [pulled]: ['k8s.replica_failure'] }),
  },
  unsure: ['pods-on-one-node', 'kubelet-slow (seconds 12)'],
  cluster: {
    ...withoutController(late),
    'kubelet 2 stop': late,
    'kubelet 2 pause': late,
  },
} satisfies Expectations;
