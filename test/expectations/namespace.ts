import { type Expectations, errored, failed, withoutApi } from '../red.ts';

const notDeleted = failed({ 'Check Namespace deleted': ['k8s.not_deleted'] });

export default {
  sandbox: {
    ...withoutApi,
    'namespace-stuck': notDeleted,
    'forbidden (resource deployments)': errored({ 'Check namespace empty': ['api.forbidden'] }),
  },
  cluster: { 'controller-manager stop': notDeleted, 'controller-manager pause': notDeleted },
} satisfies Expectations;
