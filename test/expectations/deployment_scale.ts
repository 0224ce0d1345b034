import { type Expectations, failed, withoutApi, withoutNewPods, withoutRights } from '../red.ts';

const putBack = 'Put back deployment';
const notDeleted = failed({ 'Watch pod deletion': ['k8s.not_deleted'] });
const notMarked = failed({ 'Check pods are marked for deletion': ['timeout.events'] });

export default {
  sandbox: {
    ...withoutApi,
    ...withoutRights,
    ...withoutNewPods(putBack),
    'kubelet-down (node node2)': notDeleted,
    'pods-never-die': notDeleted,
    'deployment-controller-down': notMarked,
  },
  cluster: {
    'scheduler stop': failed({ [putBack]: ['timeout.events'] }),
    'controller-manager stop': notMarked,
    'kubelet 2 stop': notDeleted,
  },
} satisfies Expectations;
