import { type Expectations, failed, withoutApi, withoutController, withoutReadyPods } from '../red.ts';

const ready = 'Wait on agents ready';
const each = 'Check one agent on each node';
const ask = 'Ask every agent';
const notReady = failed({ [ready]: ['timeout.waiting_on_phase'] });
const silent = failed({ [ask]: ['timeout.waiting_on_endpoints'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutReadyPods(ready),
    'node-link-down (node node2)': failed({ [ask]: ['mesh.node_unreachable'] }),
    'node-large-packets-lost (node node2)': failed({ [ask]: ['mesh.large_answers_lost'] }),
    'node-dns-down (node node2)': failed({ [ask]: ['mesh.dns_unreachable'] }),
    'node-proxy-down (node node2)': failed({ [ask]: ['mesh.service_unreachable'] }),
    'service-proxy-down': silent,
    'endpoints-controller-down': silent,
    'dns-nxdomain': failed({ [ask]: ['dns.nxdomain'] }),
    'dns-timeout': failed({ [ask]: ['dns.timeout'] }),
    'dns-servfail': failed({ [ask]: ['dns.servfail'] }),
    'kubelet-down (node node2)': failed({ [each]: ['timeout.waiting_on_phase'] }),
  },
  // A scheduler that ignores the affinity of their nodes too is no scheduler that there is.
  // Agents come one a node, and late where all suites start: a kubelet that is slow is named only where their pods have waited for long.
  unsure: ['pods-on-one-node', 'kubelet-slow (seconds 12)'],
  cluster: {
    ...withoutController(notReady),
    'kubelet 2 stop': failed({ [each]: ['timeout.waiting_on_phase'] }),
    'kube-proxy 2 stop': failed({ [ask]: ['mesh.service_unreachable'] }),
    'dns stop': failed({ [ask]: ['dns.timeout', 'dns.refused'] }),
    'dns pause': failed({ [ask]: ['dns.timeout'] }),
  },
} satisfies Expectations;
