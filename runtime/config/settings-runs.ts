/** Which suites run, when, against which cluster. */
import type { Setting } from './setting.ts';
import * as a from './values.ts';

export const runSettings = {
  PLAN: {
    default: 'none',
    description:
      'knative: watch the suites that the PingSources of this namespace start, and say why one did not start',
    example: 'knative',
    parse: a.oneOf({ none: 'none', knative: 'knative' } as const),
  },
  EVENT_TIMEOUT_SECONDS: {
    default: '60',
    unit: 'seconds',
    description: 'How long the cluster may take to carry out one change. Default in the sandbox: 10',
    example: '120',
    parse: a.number(0.1, 3600, { unit: 'seconds' }),
  },
  SHUTDOWN_GRACE_SECONDS: {
    default: '0',
    unit: 'seconds',
    description: 'How long suites may keep running after SIGTERM. Then they are stopped and cleaned up',
    example: '250',
    parse: a.number(0, 3600, { unit: 'seconds' }),
  },
  SUITES: {
    default: '',
    description:
      'Suites to serve, separated by commas. Default: those that are on by default. `default` among the names means these, `all` every suite',
    example: 'default,exec',
    parse: a.list(a.suiteName),
  },
  REQUIREMENTS: {
    default: 'expected',
    description:
      'optional: also a suite that SUITES names is unsupported where the cluster does not offer what it requires. Otherwise such a run is errored',
    example: 'optional',
    parse: a.oneOf({ expected: 'expected', optional: 'optional' } as const),
  },
  FUNCTIONS_DIR: { default: '', description: 'Folder with your own suites', example: './suites', parse: a.text },
  SCHEDULER: { default: 'on', description: 'off: runs start only when asked for', example: 'off', parse: a.toggle },
  SCHEDULE: {
    default: '',
    description: 'Cron expression for all suites. Default: back to back, with a pause of SECONDS_BETWEEN_RUNS',
    example: '*/5 * * * *',
    parse: a.cron,
  },
  'SCHEDULE_<SUITE>': {
    default: '',
    description: 'Cron expression for one suite, such as SCHEDULE_HTTP_UPDATE',
    example: '*/15 * * * *',
    parse: a.cron,
  },
  'SLOW_<SUITE>': {
    default: '',
    unit: 'seconds',
    description:
      'Duration beyond which a passed run of the suite is shown as slow, such as SLOW_HTTP_UPDATE. Default: three times the median of its last 100 passed runs, and at least 2 seconds; none before there are ten',
    example: '30',
    parse: a.number(0.001, 86_400, { unit: 'seconds' }),
  },
  TZ: { default: '', description: 'Time zone of the cron expressions', example: 'Europe/Berlin', parse: a.timeZone },
  CLUSTER: {
    default: 'auto',
    description:
      'auto, in-cluster, kubeconfig or sandbox. auto is the cluster of the pod, else KUBECONFIG, else the sandbox. `run` takes the sandbox with --sandbox only',
    example: 'kubeconfig',
    parse: a.oneOf({ auto: 'auto', 'in-cluster': 'in-cluster', kubeconfig: 'kubeconfig', sandbox: 'sandbox' } as const),
  },
  KUBECONFIG: {
    default: '',
    description: 'Path of a kubeconfig, or a list of paths. They are merged as kubectl does it',
    example: './kubeconfig',
    parse: a.text,
  },
  KUBE_CONTEXT: {
    default: '',
    description: 'Context of the kubeconfig. Default: its current context',
    example: 'prod-eu-west-1',
    parse: a.text,
  },
  CLUSTER_NAME: {
    default: '',
    description:
      'Name of the cluster in results, metrics and on the page. Default: the context of the kubeconfig, in-cluster or sandbox',
    example: 'prod-eu-west-1',
    parse: a.title,
  },
  CLUSTER_DOMAIN: {
    default: 'cluster.local',
    description: 'DNS domain of the cluster',
    example: 'cluster.local',
    parse: a.domain,
  },
  DNS_QUERY_NAME: {
    default: 'kubernetes.default.svc.<CLUSTER_DOMAIN>',
    description: 'Full name that the dns suite looks up',
    example: 'kubernetes.default.svc.cluster.local',
    parse: a.fullName,
  },
  DNS_EXTERNAL_NAME: {
    default: '',
    description: 'Full name outside the cluster that pod_dns looks up on every node as well. Default: none',
    example: 'www.example.com',
    parse: a.fullName,
  },
  DNS_SERVERS: {
    default: '',
    description: 'DNS servers to ask, separated by commas. Default: those of the system',
    example: '10.96.0.10,[fd00::a]:53',
    parse: a.list(a.dnsServer),
  },
  PROBE_PROXY: {
    default: '',
    description: 'HTTP proxy (CONNECT) for the requests to pods and services',
    example: 'http://127.0.0.1:3128',
    parse: a.httpUrl({ credentials: true }),
  },
} as const satisfies Record<string, Setting<unknown>>;
