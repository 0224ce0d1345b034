/**
 * The fault matrix: for each fault of the sandbox, which suites must notice, at which step, with which codes. A suite
 * that is not named must stay green, and every suite must be green again once the fault is over.
 */
import type { FindingCode } from '../../runtime/findings.ts';
import type { Verdict } from '../../runtime/model/result.ts';

export interface Red {
  readonly verdict: Exclude<Verdict, 'passed'>;
  /** Step → its codes, in order of the codes. */
  readonly steps: Readonly<Record<string, readonly FindingCode[]>>;
}

export interface Row {
  readonly fault: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** EVENT_TIMEOUT_SECONDS while the fault is on. Default 6. */
  readonly seconds?: number;
  /** Nodes of the sandbox, in three zones. Default 3. */
  readonly nodes?: number;
  readonly red: Readonly<Record<string, Red>>;
}

const failed = (steps: Red['steps']): Red => ({ verdict: 'failed', steps });
const errored = (steps: Red['steps']): Red => ({ verdict: 'errored', steps });

const lookup = 'Resolve kubernetes.default.svc.cluster.local';
const eachPod = 'HTTP request each pod';
const byIp = 'Request service by ip 2N times';
const byHostname = 'Request service by hostname 2N times';
const inLogs = 'Validate pod logs';
const none = 'Read service endpoints (0)';

/** New pods do not come up: at creation, in a rollout, and when a scale is put back. */
const noNewPods = (created: Red, code: FindingCode, judged: (steps: Red['steps']) => Red = failed) => ({
  deployment: created,
  deployment_update: judged({ 'Wait on rollout': [code] }),
  http_update: judged({ 'Wait on rollout': [code] }),
  deployment_scale: judged({ 'Put back deployment': [code] }),
  deployment_scale_service: judged({ 'Put back deployment': [code] }),
});

const noNames = (code: FindingCode) => ({
  dns: failed({ [lookup]: [code] }),
  http: failed({ [byHostname]: [code] }),
  http_update: failed({ [byHostname]: [code] }),
});

const atService = (code: FindingCode) => failed({ [byIp]: [code], [byHostname]: [code] });

const withoutConfigMaps = errored({ 'Ensure ConfigMap': ['api.forbidden'] });

/** Nothing but the dns suite can do without the API server. */
const noApi = (code: FindingCode) =>
  Object.fromEntries(
    [
      'namespace',
      'deployment',
      'deployment_update',
      'deployment_scale',
      'service',
      'deployment_service',
      'deployment_scale_service',
      'http',
      'http_update',
    ].map((suite) => [suite, failed({ 'Take the namespace': [code] })]),
  );

/** Disturbances that a healthy cluster has too, in the time that the product gives it by default or less. */
const patient = { seconds: 20, red: {} };

export const matrix: readonly Row[] = [
  { fault: 'dns-nxdomain', red: noNames('dns.nxdomain') },
  { fault: 'dns-timeout', red: noNames('dns.timeout') },
  { fault: 'dns-servfail', red: noNames('dns.servfail') },
  {
    fault: 'scheduler-down',
    red: noNewPods(failed({ 'Wait on pod scheduling': ['timeout.events'] }), 'timeout.events'),
  },
  {
    fault: 'kubelet-down',
    options: { node: 'node2' },
    red: {
      deployment: failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] }),
      deployment_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      http_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      deployment_scale: failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
      deployment_scale_service: failed({ 'Put back deployment': ['timeout.events'] }),
      http: failed({ [inLogs]: ['k8s.log_incorrect'] }),
    },
  },
  {
    fault: 'kubelet-slow',
    options: { seconds: 12 },
    red: noNewPods(failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] }), 'timeout.events'),
  },
  {
    fault: 'image-pull-fails',
    red: noNewPods(failed({ 'Wait on pods ready': ['k8s.pod_failed'] }), 'k8s.pod_failed'),
  },
  { fault: 'crash-loop', red: noNewPods(failed({ 'Wait on pods ready': ['k8s.pod_failed'] }), 'k8s.pod_failed') },
  {
    fault: 'readiness-never',
    red: noNewPods(failed({ 'Wait on pods ready': ['timeout.waiting_on_phase'] }), 'timeout.events'),
  },
  {
    fault: 'pods-on-one-node',
    red: {
      deployment: failed({
        'Check pods on different nodes': ['k8s.same_node'],
        'Check pods on different data centres': ['k8s.same_data_centre'],
      }),
    },
  },
  {
    fault: 'pods-in-one-zone',
    nodes: 9,
    red: { deployment: failed({ 'Check pods on different data centres': ['k8s.same_data_centre'] }) },
  },
  {
    fault: 'nodes-without-zone',
    red: {
      deployment: failed({ 'Check pods on different data centres': ['k8s.no_zone_label_on_node'] }),
    },
  },
  {
    fault: 'wrong-content',
    red: {
      http: failed({
        [eachPod]: ['http.wrong_response'],
        [byIp]: ['http.wrong_response'],
        [byHostname]: ['http.wrong_response'],
      }),
      http_update: failed({
        [eachPod]: ['http.wrong_response'],
        [byIp]: ['http.wrong_response'],
        [byHostname]: ['http.wrong_response'],
      }),
    },
  },
  {
    fault: 'content-stale',
    red: {
      http_update: failed({
        [eachPod]: ['http.wrong_response'],
        [byIp]: ['http.wrong_response'],
        [byHostname]: ['http.wrong_response'],
      }),
    },
  },
  {
    fault: 'rollout-stuck',
    red: {
      deployment_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      http_update: failed({ 'Wait on rollout': ['timeout.events'] }),
    },
  },
  {
    fault: 'old-pods-linger',
    red: {
      deployment_update: failed({ 'Check old pods are deleted': ['k8s.not_deleted'] }),
      http_update: failed({
        'Check all pods run the new image': ['k8s.image_not_updated'],
        [eachPod]: ['timeout.waiting_on_phase'],
        [byIp]: ['http.wrong_response'],
        [byHostname]: ['http.wrong_response'],
      }),
    },
  },
  {
    fault: 'pods-never-die',
    red: {
      deployment: failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
      deployment_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      http_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      deployment_scale: failed({ 'Watch pod deletion': ['k8s.not_deleted'] }),
      deployment_scale_service: failed({ 'Put back deployment': ['timeout.events'] }),
    },
  },
  {
    fault: 'logs-empty',
    red: {
      http: failed({ [inLogs]: ['k8s.log_incorrect'] }),
      http_update: failed({ [inLogs]: ['k8s.log_incorrect'] }),
    },
  },
  {
    fault: 'logs-stale',
    red: {
      http: failed({ [inLogs]: ['k8s.log_incorrect'] }),
      http_update: failed({ [inLogs]: ['k8s.log_incorrect'] }),
    },
  },
  {
    fault: 'endpoints-controller-down',
    red: {
      service: failed({ [none]: ['timeout.waiting_on_endpoints'] }),
      deployment_scale_service: failed({ [none]: ['k8s.service_endpoint_count_wrong'] }),
      http_update: atService('timeout.waiting_on_endpoints'),
    },
  },
  {
    fault: 'endpoints-stale',
    red: {
      deployment_scale_service: failed({ [none]: ['k8s.service_endpoint_count_wrong'] }),
      http_update: atService('timeout.waiting_on_endpoints'),
    },
  },
  {
    fault: 'service-proxy-down',
    red: { http: atService('timeout.waiting_on_endpoints'), http_update: atService('timeout.waiting_on_endpoints') },
  },
  {
    fault: 'service-proxy-one-dead-backend',
    red: { http: atService('http.connection_error'), http_update: atService('http.connection_error') },
  },
  { fault: 'service-proxy-slow', options: { seconds: 1 }, red: {} },
  {
    fault: 'deployment-controller-down',
    red: {
      deployment: failed({ 'Wait on pod scheduling': ['timeout.events'] }),
      deployment_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      http_update: failed({ 'Wait on rollout': ['timeout.events'] }),
      deployment_scale: failed({ 'Check pods are marked for deletion': ['timeout.events'] }),
      deployment_scale_service: failed({ [none]: ['k8s.service_endpoint_count_wrong'] }),
    },
  },
  { fault: 'namespace-stuck', red: { namespace: failed({ 'Check Namespace deleted': ['k8s.not_deleted'] }) } },
  {
    fault: 'configmap-forbidden',
    red: {
      deployment: errored({ 'Create ConfigMap': ['api.forbidden'] }),
      deployment_update: withoutConfigMaps,
      deployment_scale: withoutConfigMaps,
      deployment_service: withoutConfigMaps,
      deployment_scale_service: withoutConfigMaps,
      http: withoutConfigMaps,
      http_update: withoutConfigMaps,
    },
  },
  {
    fault: 'quota-exhausted',
    red: noNewPods(errored({ 'Wait on pod scheduling': ['k8s.replica_failure'] }), 'k8s.replica_failure', errored),
  },
  { fault: 'quota-contended', ...patient },
  { fault: 'api-500', red: noApi('api.internal_server_error') },
  { fault: 'api-503', red: noApi('api.service_unavailable') },
  { fault: 'api-503', options: { share: 0.2 }, ...patient },
  { fault: 'api-429', ...patient },
  { fault: 'api-slow', options: { seconds: 0.3 }, ...patient },
  { fault: 'api-reset', ...patient },
  { fault: 'api-down', options: { seconds: 15 }, red: noApi('api.max_retries_exceeded') },
  { fault: 'api-down', options: { seconds: 1 }, ...patient },
  { fault: 'watch-drop', ...patient },
  { fault: 'watch-gone', ...patient },
  { fault: 'watch-silent', red: {} },
];

export function titleOf({ fault, options }: Row): string {
  const given = Object.entries(options ?? {}).map(([name, value]) => `${name} ${value}`);
  return given.length > 0 ? `${fault} (${given.join(', ')})` : fault;
}

/** The table of docs/fault-matrix.md. */
export function renderMatrix(rows: readonly Row[], suites: readonly string[]): string {
  const cell = (red: Red | undefined) =>
    red
      ? `**${red.verdict}** ${Object.entries(red.steps)
          .map(([step, codes]) => `${step}: ${codes.map((code) => `\`${code}\``).join(', ')}`)
          .join('; ')}`
      : '';
  const line = (row: Row) => `| ${titleOf(row)} | ${suites.map((suite) => cell(row.red[suite])).join(' | ')} |`;
  return [`| fault | ${suites.join(' | ')} |`, `|---|${suites.map(() => '---|').join('')}`, ...rows.map(line)].join(
    '\n',
  );
}
