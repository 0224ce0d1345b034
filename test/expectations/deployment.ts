import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const notScheduled = failed({ 'Wait on pod scheduling': ['timeout.events'] });
const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const neverReady = failed({ 'Wait on pods ready': ['k8s.pod_failed'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': notScheduled,
    'deployment-controller-down': notScheduled,
    'quota-exhausted': errored({ 'Wait on pod scheduling': ['k8s.replica_failure'] }),
    'kubelet-down (node node2)': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'readiness-never': notReady,
    'image-pull-fails': neverReady,
    'crash-loop': neverReady,
    'pods-on-one-node': failed({
      'Check pods on different nodes': ['k8s.same_node'],
      'Check pods on different data centres': ['k8s.same_data_centre'],
    }),
    'pods-in-one-zone': failed({ 'Check pods on different data centres': ['k8s.same_data_centre'] }),
    'nodes-without-zone': failed({ 'Check pods on different data centres': ['k8s.no_zone_label_on_node'] }),
    'pods-never-die': failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
    'configmap-forbidden': errored({ 'Create ConfigMap': ['api.forbidden'] }),
    'forbidden (resource deployments)': errored({ 'Create Deployment': ['api.forbidden'] }),
  },
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': notScheduled,
    'controller-manager stop': notScheduled,
    'kubelet 2 stop': notReady,
    'node 2 cut': notReady,
    'scheduler pause': notScheduled,
    'kubelet 2 pause': notReady,
    'containerd 2 stop': notReady,
    'containerd 2 pause': notReady,
  },
} satisfies Expectations;
