import { type Expectations, failed, withoutApi, withoutNewPods, withoutRights } from '../red.ts';

const rollout = 'Wait on rollout';
const stuck = failed({ [rollout]: ['timeout.events'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    ...withoutNewPods(rollout),
    'kubelet-down (node node2)': stuck,
    'rollout-stuck': stuck,
    'pods-never-die': stuck,
    'deployment-controller-down': stuck,
    'old-pods-linger': failed({ 'Check old pods are deleted': ['k8s.not_deleted'] }),
  },
  cluster: {
    'scheduler stop': stuck,
    'controller-manager stop': stuck,
  },
} satisfies Expectations;
