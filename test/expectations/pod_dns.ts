import { type Expectations, failed, withoutApi, withoutController, withoutReadyPods } from '../red.ts';

const ready = 'Wait on agents ready';
const each = 'Check one agent on each node';
const resolve = 'Resolve names on each node';
const notReady = failed({ [ready]: ['timeout.waiting_on_phase'] });
const unknown = failed({ [resolve]: ['dns.nxdomain'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutReadyPods(ready),
    'node-dns-down (node node2)': failed({ [resolve]: ['mesh.dns_unreachable'] }),
    'node-proxy-down (node node2)': failed({ [resolve]: ['mesh.dns_unreachable'] }),
    'service-proxy-down': failed({ [resolve]: ['dns.refused'] }),
    'endpoints-controller-down': unknown,
    'endpoints-stale': unknown,
    'dns-nxdomain': unknown,
    'dns-timeout': failed({ [resolve]: ['dns.timeout'] }),
    'dns-servfail': failed({ [resolve]: ['dns.servfail'] }),
    'kubelet-down (node node2)': failed({ [each]: ['timeout.waiting_on_phase'] }),
  },
  // It asks for names and nothing else: who does not get there does not know whose fault that is.
  takenFor: { 'service-proxy-down': 'dns', 'node-proxy-down (node node2)': 'dns' },
  unsure: ['pods-on-one-node', 'kubelet-slow (seconds 12)'],
  cluster: {
    ...withoutController(notReady),
    'kubelet 2 stop': failed({ [each]: ['timeout.waiting_on_phase'] }),
    'dns stop': failed({ [resolve]: ['dns.timeout', 'dns.refused'] }),
    'dns pause': failed({ [resolve]: ['dns.timeout'] }),
  },
} satisfies Expectations;
