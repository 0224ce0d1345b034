import { atRequirements, type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const pending = failed({ 'Wait on claim': ['k8s.claim_pending'] });
const noEnd = failed({ 'Wait on writing': ['timeout.events'] });
const cannotRun = failed({ 'Wait on writing': ['k8s.pod_failed'] });

export default {
  sandbox: {
    ...atRequirements(withoutApi),
    'provisioner-down': pending,
    'volume-loses-data': failed({ 'Check content': ['k8s.data_lost'] }),
    'volume-not-deleted': failed({ 'Check PersistentVolume deleted': ['k8s.volume_left'] }),
    'scheduler-down': noEnd,
    'kubelet-slow (seconds 12)': noEnd,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'logs-empty': failed({ 'Wait on writing': ['k8s.log_incorrect'] }),
    'logs-stale': failed({ 'Wait on writing': ['k8s.log_incorrect'] }),
    'quota-exhausted': errored({ 'Wait on writing': ['k8s.replica_failure'] }),
  },
  unsure: ['kubelet-down (node node2)'],
  cluster: {
    ...atRequirements(withoutControlPlane),
    'add-ons stop': pending,
    'scheduler stop': noEnd,
    'scheduler pause': noEnd,
    'controller-manager stop': pending,
    'controller-manager pause': pending,
  },
} satisfies Expectations;
