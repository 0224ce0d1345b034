import { atRequirements, type Expectations, failed, withoutControlPlane } from '../red.ts';

const silent = ['timeout.waiting_on_endpoints'] as const;

export default {
  // It has IPv4 alone: the suite is unsupported there.
  sandbox: {},
  cluster: {
    ...atRequirements(withoutControlPlane),
    'controller-manager stop': failed({ 'Request service by IPv4': silent }),
    'kube-proxy host stop': failed({ 'Request service by IPv4': silent }),
  },
} satisfies Expectations;
