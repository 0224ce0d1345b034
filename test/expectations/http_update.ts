import { type Expectations, failed, withoutApi, withoutNewPods, withoutRights } from '../red.ts';

const rollout = 'Wait on rollout';
const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip 2N times';
const byHostname = 'Request service by hostname 2N times';
const stuck = failed({ [rollout]: ['timeout.events'] });
const inLogs = failed({ 'Validate pod logs': ['k8s.log_incorrect'] });
const oldPage = ['http.wrong_response'] as const;
const noAnswer = failed({
  [byIp]: ['timeout.waiting_on_endpoints'],
  [byHostname]: ['timeout.waiting_on_endpoints'],
});

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    ...withoutNewPods(rollout),
    'dns-nxdomain': failed({ [byHostname]: ['dns.nxdomain'] }),
    'dns-timeout': failed({ [byHostname]: ['dns.timeout'] }),
    'dns-servfail': failed({ [byHostname]: ['dns.servfail'] }),
    'kubelet-down (node node2)': stuck,
    'rollout-stuck': stuck,
    'pods-never-die': stuck,
    'deployment-controller-down': stuck,
    'logs-empty': inLogs,
    'logs-stale': inLogs,
    'wrong-content': failed({ [eachPod]: oldPage, [byIp]: oldPage, [byHostname]: oldPage }),
    'content-stale': failed({ [eachPod]: oldPage, [byIp]: oldPage, [byHostname]: oldPage }),
    'old-pods-linger': failed({
      'Check all pods run the new image': ['k8s.image_not_updated'],
      [eachPod]: ['timeout.waiting_on_phase'],
      [byIp]: oldPage,
      [byHostname]: oldPage,
    }),
    'endpoints-controller-down': noAnswer,
    'endpoints-stale': noAnswer,
    'service-proxy-down': noAnswer,
    'service-proxy-one-dead-backend': failed({
      [byIp]: ['http.connection_error'],
      [byHostname]: ['http.connection_error'],
    }),
  },
  cluster: {
    'scheduler stop': stuck,
    'controller-manager stop': stuck,
  },
} satisfies Expectations;
