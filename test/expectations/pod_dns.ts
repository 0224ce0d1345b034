import { type Expectations, errored, failed, withoutApi, withoutControlPlane } from '../red.ts';

const ready = 'Wait on agents ready';
const each = 'Check one agent on each node';
const resolve = 'Resolve names on each node';
const notReady = failed({ [ready]: ['timeout.waiting_on_phase'] });
const cannotRun = failed({ [ready]: ['k8s.pod_failed'] });
const unknown = failed({ [resolve]: ['dns.nxdomain'] });

export default {
  sandbox: {
    ...withoutApi,
    'node-dns-down (node node2)': failed({ [resolve]: ['mesh.dns_unreachable'] }),
    'node-proxy-down (node node2)': failed({ [resolve]: ['mesh.dns_unreachable'] }),
    'service-proxy-down': failed({ [resolve]: ['dns.refused'] }),
    'endpoints-controller-down': unknown,
    'endpoints-stale': unknown,
    'dns-nxdomain': unknown,
    'dns-timeout': failed({ [resolve]: ['dns.timeout'] }),
    'dns-servfail': failed({ [resolve]: ['dns.servfail'] }),
    'scheduler-down': notReady,
    'kubelet-down (node node2)': failed({ [each]: ['timeout.waiting_on_phase'] }),
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'readiness-never': notReady,
    'quota-exhausted': errored({ [ready]: ['k8s.replica_failure'] }),
  },
  // It asks for names and nothing else: who does not get there does not know whose fault that is.
  takenFor: { 'service-proxy-down': 'dns', 'node-proxy-down (node node2)': 'dns' },
  unsure: ['pods-on-one-node', 'kubelet-slow (seconds 12)'],
  cluster: {
    ...withoutControlPlane,
    'scheduler stop': notReady,
    'scheduler pause': notReady,
    'controller-manager stop': notReady,
    'controller-manager pause': notReady,
    'kubelet 2 stop': failed({ [each]: ['timeout.waiting_on_phase'] }),
    'dns stop': failed({ [resolve]: ['dns.timeout', 'dns.refused'] }),
    'dns pause': failed({ [resolve]: ['dns.timeout'] }),
  },
} satisfies Expectations;
