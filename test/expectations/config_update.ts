import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });
const cannotRun = failed({ 'Wait on pods ready': ['k8s.pod_failed'] });

export default {
  sandbox: {
    ...withoutApi,
    'scheduler-down': notReady,
    'deployment-controller-down': notReady,
    'quota-exhausted': errored({ 'Wait on pods ready': ['k8s.replica_failure'] }),
    'kubelet-down (node node2)': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'readiness-never': notReady,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'wrong-content': failed({ 'HTTP request each pod': ['http.wrong_response'] }),
    'content-stale': failed({ 'Wait on new content in pods': ['k8s.content_stale'] }),
    'configmap-forbidden': errored({ 'Create ConfigMap': ['api.forbidden'] }),
    'forbidden (resource deployments)': errored({ 'Create Deployment': ['api.forbidden'] }),
  },
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': notReady,
    'scheduler pause': notReady,
    'controller-manager stop': notReady,
    'controller-manager pause': notReady,
    'kubelet 2 stop': notReady,
    'kubelet 2 pause': notReady,
    'containerd 2 stop': notReady,
    'containerd 2 pause': notReady,
    'node 2 cut': notReady,
  },
} satisfies Expectations;
