import { type Expectations, errored, failed, withoutApi, withoutController, withoutReadyPods } from '../red.ts';

const notReady = failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutReadyPods('Wait on pods ready'),
    'deployment-controller-down': notReady,
    'kubelet-down (node node2)': notReady,
    'kubelet-slow (seconds 12)': notReady,
    'wrong-content': failed({ 'HTTP request each pod': ['http.wrong_response'] }),
    'content-stale': failed({ 'Wait on new content in pods': ['k8s.content_stale'] }),
    'configmap-forbidden': errored({ 'Create ConfigMap': ['api.forbidden'] }),
    'forbidden (resource deployments)': errored({ 'Create Deployment': ['api.forbidden'] }),
  },
  cluster: {
    ...withoutController(notReady),
    'kubelet 2 stop': notReady,
    'kubelet 2 pause': notReady,
    'containerd 2 stop': notReady,
    'containerd 2 pause': notReady,
    'node 2 cut': notReady,
  },
} satisfies Expectations;
