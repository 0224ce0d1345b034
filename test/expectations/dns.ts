import { type Expectations, failed } from '../red.ts';

const lookup = 'Resolve kubernetes.default.svc.cluster.local';

export default {
  sandbox: {
    'dns-nxdomain': failed({ [lookup]: ['dns.nxdomain'] }),
    'dns-timeout': failed({ [lookup]: ['dns.timeout'] }),
    'dns-servfail': failed({ [lookup]: ['dns.servfail'] }),
  },
  cluster: {
    'dns stop': failed({ [lookup]: ['dns.refused'] }),
    'dns pause': failed({ [lookup]: ['dns.timeout'] }),
  },
} satisfies Expectations;
