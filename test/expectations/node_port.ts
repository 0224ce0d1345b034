import { type Expectations, failed, withoutApi, withoutControlPlane, withoutRights } from '../red.ts';

const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip';
const eachNode = 'Request port of each node';
const wrongPage = ['http.wrong_response'] as const;
const silent = ['timeout.waiting_on_endpoints'] as const;

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    'node-proxy-down (node node2)': failed({ [eachNode]: silent }),
    'wrong-content': failed({ [eachPod]: wrongPage, [byIp]: wrongPage, [eachNode]: wrongPage }),
    'service-proxy-down': failed({ [byIp]: silent }),
    'endpoints-controller-down': failed({ [byIp]: silent, [eachNode]: silent }),
  },
  cluster: {
    ...withoutControlPlane,
    'controller-manager stop': failed({ [byIp]: silent }),
    'kube-proxy 2 stop': failed({ [eachNode]: silent }),
    'kube-proxy host stop': failed({ [byIp]: silent }),
    'node 2 cut': failed({ [eachPod]: ['http.timeout'] }),
  },
} satisfies Expectations;
