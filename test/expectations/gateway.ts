import { atRequirements, type Expectations, failed, withoutApi, withoutControlPlane, withoutRights } from '../red.ts';

const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip';
const accepted = 'Wait on its acceptance';
const page = 'Request page through it';
const wrongPage = ['http.wrong_response'] as const;

export default {
  sandbox: {
    ...atRequirements(withoutApi),
    ...withoutRights,
    'wrong-content': failed({ [eachPod]: wrongPage, [byIp]: wrongPage, [page]: ['edge.wrong_page'] }),
    'service-proxy-down': failed({ [byIp]: ['timeout.waiting_on_endpoints'] }),
    'ingress-controller-down': failed({ [accepted]: ['edge.not_accepted'] }),
    'ingress-down': failed({ [page]: ['edge.unreachable'] }),
    'ingress-stale': failed({ [page]: ['edge.not_routed'] }),
  },
  // One request to the service: to the dead backend or not.
  unsure: ['service-proxy-one-dead-backend'],
  cluster: {
    ...atRequirements(withoutControlPlane),
    'contour stop': failed({ [accepted]: ['edge.not_accepted'] }),
    'contour pause': failed({ [accepted]: ['edge.not_accepted'] }),
    'envoy stop': failed({ [page]: ['edge.unreachable'] }),
    'envoy pause': failed({ [page]: ['edge.unreachable'] }),
  },
} satisfies Expectations;
