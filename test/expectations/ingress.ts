import { atRequirements, type Expectations, failed, withoutApi, withoutControlPlane, withoutRights } from '../red.ts';

const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip';
const address = 'Wait on its address';
const page = 'Request page through it';
const wrongPage = ['http.wrong_response'] as const;

export default {
  sandbox: {
    ...atRequirements(withoutApi),
    ...withoutRights,
    'wrong-content': failed({ [eachPod]: wrongPage, [byIp]: wrongPage, [page]: ['edge.wrong_page'] }),
    'service-proxy-down': failed({ [byIp]: ['timeout.waiting_on_endpoints'] }),
    'ingress-controller-down': failed({ [address]: ['edge.no_address'] }),
    'ingress-down': failed({ [page]: ['edge.unreachable'] }),
    'ingress-stale': failed({ [page]: ['edge.not_routed'] }),
  },
  // One request to the service: to the dead backend or not.
  unsure: ['service-proxy-one-dead-backend'],
  cluster: {
    ...atRequirements(withoutControlPlane),
    'contour stop': failed({ [address]: ['edge.no_address'] }),
    'contour pause': failed({ [address]: ['edge.no_address'] }),
    'envoy stop': failed({ [page]: ['edge.unreachable'] }),
    'envoy pause': failed({ [page]: ['edge.unreachable'] }),
  },
} satisfies Expectations;
