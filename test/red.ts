/** The words in which `test/expectations/<suite>.ts` says what turns its suite red. */
import type { FindingCode } from '../runtime/findings.ts';
import type { Verdict } from '../runtime/model/result.ts';

export interface Red {
  readonly verdict: Exclude<Verdict, 'passed'>;
  /** Step → its codes, in order of the codes. */
  readonly steps: Readonly<Record<string, readonly FindingCode[]>>;
}

export interface Expectations {
  /** Title of a situation of `test/suites/situations.ts` → every step with a finding, and every code of it. */
  readonly sandbox: Readonly<Record<string, Red>>;
  /** Titles of situations that hit it or do not, as its pods happen to be placed: it is no witness there. */
  readonly unsure?: readonly string[];
  /** Title of a situation → what its diagnosis names there, since it cannot see what the others see. */
  readonly takenFor?: Readonly<Record<string, string>>;
  /** Words for the cluster's `fault` → the step that is red first, and the codes it may have. */
  readonly cluster?: Readonly<Record<string, Red>>;
}

export const failed = (steps: Red['steps']): Red => ({ verdict: 'failed', steps });
export const errored = (steps: Red['steps']): Red => ({ verdict: 'errored', steps });

/** For suites that begin with a request to the API server. */
export const withoutApi: Readonly<Record<string, Red>> = {
  'api-500': failed({ 'Take the namespace': ['api.internal_server_error'] }),
  'api-503': failed({ 'Take the namespace': ['api.service_unavailable'] }),
  'api-429 (share 1)': failed({ 'Take the namespace': ['api.too_many_requests'] }),
  'api-reset (share 1)': failed({ 'Take the namespace': ['api.max_retries_exceeded'] }),
  'api-down (seconds 15)': failed({ 'Take the namespace': ['api.max_retries_exceeded'] }),
};

const noAnswer = failed({
  'Take the namespace': [
    'api.max_retries_exceeded',
    'api.internal_server_error',
    'api.gateway_timeout',
    'api.service_unavailable',
  ],
});

/** The same on a real cluster. */
export const withoutControlPlane: Readonly<Record<string, Red>> = {
  'apiserver pause': noAnswer,
  'etcd stop': noAnswer,
  'etcd pause': noAnswer,
};

/** For suites whose pods come by a controller and the scheduler, on a real cluster. */
export function withoutController(red: Red): Readonly<Record<string, Red>> {
  return {
    ...withoutControlPlane,
    'scheduler stop': red,
    'scheduler pause': red,
    'controller-manager stop': red,
    'controller-manager pause': red,
  };
}

/** For suites that wait for new pods of an object of their own to be Ready, at that step. */
export function withoutReadyPods(step: string): Readonly<Record<string, Red>> {
  const notReady = failed({ [step]: ['timeout.waiting_on_phase'] });
  const cannotRun = failed({ [step]: ['k8s.pod_failed'] });
  return {
    'scheduler-down': notReady,
    'readiness-never': notReady,
    'image-pull-fails': cannotRun,
    'crash-loop': cannotRun,
    'quota-exhausted': errored({ [step]: ['k8s.replica_failure'] }),
  };
}

/** For suites of a route that is told, at `told`, by whoever serves it. */
export function withoutRoutes(told: string, code: FindingCode): Pick<Expectations, 'sandbox' | 'unsure' | 'cluster'> {
  const byIp = 'Request service by ip';
  const page = 'Request page through it';
  const wrongPage = ['http.wrong_response'] as const;
  const untold = failed({ [told]: [code] });
  const unreachable = failed({ [page]: ['edge.unreachable'] });
  return {
    sandbox: {
      ...atRequirements(withoutApi),
      ...withoutRights,
      'wrong-content': failed({
        'HTTP request each pod': wrongPage,
        [byIp]: wrongPage,
        [page]: ['edge.wrong_page'],
      }),
      'service-proxy-down': failed({ [byIp]: ['timeout.waiting_on_endpoints'] }),
      'ingress-controller-down': untold,
      'ingress-down': unreachable,
      'ingress-stale': failed({ [page]: ['edge.not_routed'] }),
    },
    // One request to the service: to the dead backend or not.
    unsure: ['service-proxy-one-dead-backend'],
    cluster: {
      ...atRequirements(withoutControlPlane),
      'contour stop': untold,
      'contour pause': untold,
      'envoy stop': unreachable,
      'envoy pause': unreachable,
    },
  };
}

/** For suites that wait for new pods of a standing Deployment, at that step. */
export function withoutNewPods(step: string): Readonly<Record<string, Red>> {
  return {
    'scheduler-down': failed({ [step]: ['timeout.events'] }),
    'kubelet-slow (seconds 12)': failed({ [step]: ['timeout.events'] }),
    'image-pull-fails': failed({ [step]: ['k8s.pod_failed'] }),
    'crash-loop': failed({ [step]: ['k8s.pod_failed'] }),
    'readiness-never': failed({ [step]: ['timeout.events'] }),
    'quota-exhausted': errored({ [step]: ['k8s.replica_failure'] }),
  };
}

/** For suites that work on a standing Deployment, which they ensure after its ConfigMap. */
export const withoutRights: Readonly<Record<string, Red>> = {
  'configmap-forbidden': errored({ 'Ensure ConfigMap': ['api.forbidden'] }),
  'forbidden (resource deployments)': errored({ 'Ensure Deployment': ['api.forbidden'] }),
};

/** The same of `withoutApi` and `withoutControlPlane` for suites that first ask the cluster what it offers. */
export function atRequirements(reds: Readonly<Record<string, Red>>): Readonly<Record<string, Red>> {
  const asked = ({ verdict, steps }: Red): Red => ({
    verdict,
    steps: { 'Check requirements': steps['Take the namespace'] ?? [] },
  });
  return Object.fromEntries(Object.entries(reds).map(([title, red]) => [title, asked(red)]));
}
