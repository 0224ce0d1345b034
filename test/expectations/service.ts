import { type Expectations, failed, withoutApi } from '../red.ts';

const noEndpoints = failed({ 'Read service endpoints (0)': ['timeout.waiting_on_endpoints'] });

export default {
  sandbox: { ...withoutApi, 'endpoints-controller-down': noEndpoints },
  cluster: { 'controller-manager stop': noEndpoints, 'controller-manager pause': noEndpoints },
} satisfies Expectations;
