import { type Expectations, failed, withoutApi, withoutControlPlane, withoutRights } from '../red.ts';

const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip 2N times';
const byHostname = 'Request service by hostname 2N times';
const inLogs = failed({ 'Validate pod logs': ['k8s.log_incorrect'] });
const wrongPage = ['http.wrong_response'] as const;

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    'dns-nxdomain': failed({ [byHostname]: ['dns.nxdomain'] }),
    'dns-timeout': failed({ [byHostname]: ['dns.timeout'] }),
    'dns-servfail': failed({ [byHostname]: ['dns.servfail'] }),
    'kubelet-down (node node2)': inLogs,
    'logs-empty': inLogs,
    'logs-stale': inLogs,
    'wrong-content': failed({ [eachPod]: wrongPage, [byIp]: wrongPage, [byHostname]: wrongPage }),
    'service-proxy-down': failed({
      [byIp]: ['timeout.waiting_on_endpoints'],
      [byHostname]: ['timeout.waiting_on_endpoints'],
    }),
    'service-proxy-one-dead-backend': failed({
      [byIp]: ['http.connection_error'],
      [byHostname]: ['http.connection_error'],
    }),
  },
  cluster: {
    ...withoutControlPlane,
    'dns stop': failed({ [byHostname]: ['dns.refused'] }),
    'kube-proxy host stop': failed({ [byIp]: ['timeout.waiting_on_endpoints'] }),
    'kubelet 2 stop': inLogs,
    'node 2 cut': failed({ [eachPod]: ['http.timeout'] }),
    'dns pause': failed({ [byHostname]: ['dns.timeout'] }),
    'kube-proxy host pause': failed({ [byIp]: ['timeout.waiting_on_endpoints'] }),
  },
} satisfies Expectations;
