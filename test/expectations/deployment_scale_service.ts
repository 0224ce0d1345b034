import { type Expectations, failed, withoutApi, withoutNewPods, withoutRights } from '../red.ts';

const putBack = 'Put back deployment';
const notPutBack = failed({ [putBack]: ['timeout.events'] });
const stillThere = failed({ 'Read service endpoints (0)': ['k8s.service_endpoint_count_wrong'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    ...withoutNewPods(putBack),
    'kubelet-down (node node2)': notPutBack,
    'pods-never-die': notPutBack,
    'deployment-controller-down': stillThere,
    'endpoints-controller-down': stillThere,
    'endpoints-stale': stillThere,
  },
  cluster: {
    'scheduler stop': notPutBack,
    'controller-manager stop': stillThere,
  },
} satisfies Expectations;
