import { atRequirements, type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const noEnd = failed({ 'Wait on completion': ['timeout.events'] });
const cannotRun = failed({ 'Wait on completion': ['k8s.pod_failed'] });
const missed = failed({ 'Wait on Job': ['k8s.cron_missed'] });

export default {
  sandbox: {
    ...atRequirements(withoutApi),
    'scheduler-down': noEnd,
    'kubelet-slow (seconds 12)': noEnd,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'quota-exhausted': errored({ 'Wait on completion': ['k8s.replica_failure'] }),
  },
  // Without a watch its Job is seen when the minute that it has is over.
  unsure: ['kubelet-down (node node2)', 'watch-silent'],
  cluster: {
    ...atRequirements(withoutControlPlane),
    'scheduler stop': noEnd,
    'scheduler pause': noEnd,
    'controller-manager stop': missed,
    'controller-manager pause': missed,
  },
} satisfies Expectations;
