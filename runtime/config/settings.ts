/** Every setting as data: what README's table, the manifests and the parser have in common. */
import { labels } from './labels.ts';
import { tolerations } from './tolerations.ts';
import * as a from './values.ts';

interface Setting<T> {
  /** As one would write it; '' is unset. */
  readonly default: string;
  readonly description: string;
  readonly example: string;
  readonly parse: a.Parse<T>;
  readonly unit?: string;
  /** Its value is never shown. */
  readonly secret?: true;
}

const logLevels = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
  SILENT: 'silent',
  WARN: 'warn',
  FATAL: 'fatal',
} as const;

export const table = {
  TIME_TO_REPORT_PROBLEM: {
    default: '20',
    unit: 'minutes',
    description:
      'Without a result for that long the page and /health say stale; for a suite with a longer schedule twice the longest gap between its runs',
    example: '20',
    parse: a.number(0.01, 10_080, { unit: 'minutes' }),
  },
  SECONDS_BETWEEN_RUNS: {
    default: '0.0',
    unit: 'seconds',
    description:
      'Pause after a run before the next of the same suite, which starts at most once a second; 5 in the sandbox',
    example: '300',
    parse: a.number(0, 604_800, { unit: 'seconds' }),
  },
  TEST_NAMESPACE: {
    default: 'kubee2etests',
    description:
      'Namespace of the test objects: as it is in a process that serves one suite, else with -<suite> behind it; or with {suite} filled in',
    example: 'kube-e2etests-{suite}',
    parse: a.namespacePattern,
  },
  TEST_DEPLOYMENT: {
    default: 'kubee2etestapp',
    description: 'Name of the test Deployment and of its ConfigMap',
    example: 'kubee2etestapp',
    parse: a.objectName(),
  },
  TEST_SERVICE: {
    default: 'kubee2etests',
    description: 'Name of the test Service',
    example: 'kubee2etests',
    parse: a.objectName({ startsWithLetter: true }),
  },
  TEST_REPLICAS: {
    default: '3',
    description: 'Pods of the test Deployment',
    example: '3',
    parse: a.number(1, 100, { whole: true }),
  },
  TEST_POD_SECURITY: {
    default: 'baseline',
    description: 'Pod Security level the test pods fit: baseline or restricted',
    example: 'restricted',
    parse: a.oneOf({ baseline: 'baseline', restricted: 'restricted' } as const),
  },
  TEST_TOLERATIONS: {
    default: '',
    description:
      'Taints the test pods tolerate: key=value:effect with commas between them, or a JSON list of tolerations',
    example: 'dedicated=apps:NoSchedule',
    parse: tolerations,
  },
  TEST_NODE_SELECTOR: {
    default: '{}',
    description:
      'Labels that the nodes of the test pods have, as JSON or a Python dict; kubernetes.io/os: linux is added',
    example: '{"pool": "apps"}',
    parse: (value: string) => labels(value, 'of nodes'),
  },
  TEST_LABELS: {
    default: '{}',
    description:
      'Labels on everything that is made: namespaces, Leases, Deployments, pods, Services, ConfigMaps; as JSON or a Python dict',
    example: '{"owner": "platform"}',
    parse: (value: string) => labels(value, 'all objects'),
  },
  IMAGE_PULL_POLICY: {
    default: '',
    description: 'imagePullPolicy of the test pods: Always, IfNotPresent or Never; unset: IfNotPresent',
    example: 'Always',
    parse: a.oneOf({ Always: 'Always', IfNotPresent: 'IfNotPresent', Never: 'Never' } as const),
  },
  ANTI_AFFINITY_KEY: {
    default: 'topology.kubernetes.io/zone',
    description: 'Node label of which no two test pods may share a value',
    example: 'kubernetes.io/hostname',
    parse: (key) => Object.keys(labels(JSON.stringify({ [key]: 'hello-minikube' })))[0] ?? key,
  },
  CUSTOM_TEST_DEPLOYMENT_LABELS: {
    default: '{}',
    description: 'Labels added to app: hello-minikube on the test Deployment, as JSON or a Python dict',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS: {
    default: '{}',
    description: 'The same on its pods',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  DOCKER_REGISTRY_HOST: {
    default: '',
    description: 'Registry that every test image is pulled from, with a port and a path where it has them',
    example: 'registry.example.com:5000/mirror',
    parse: a.imageRegistry,
  },
  IMAGE_PULL_SECRETS: {
    default: '',
    description: 'Secrets, with commas between them, that must exist in every test namespace',
    example: 'registry-login',
    parse: a.list(a.subdomain),
  },
  CREATE_NAMESPACES: {
    default: 'false',
    description: 'Create a missing test namespace instead of ending the run as errored',
    example: 'true',
    parse: a.toggle,
  },
  PLAN: {
    default: 'none',
    description:
      'knative: look after the suites that PingSources of this process’s namespace start, and say why one has not begun',
    example: 'knative',
    parse: a.oneOf({ none: 'none', knative: 'knative' } as const),
  },
  EVENT_TIMEOUT_SECONDS: {
    default: '60',
    unit: 'seconds',
    description: 'How long the cluster may take for one thing asked of it; 10 in the sandbox',
    example: '120',
    parse: a.number(0.1, 3600, { unit: 'seconds' }),
  },
  SHUTDOWN_GRACE_SECONDS: {
    default: '0',
    unit: 'seconds',
    description: 'How long runs under way may go on after SIGTERM before they are stopped and cleaned up',
    example: '250',
    parse: a.number(0, 3600, { unit: 'seconds' }),
  },
  SUITES: {
    default: '',
    description: 'Suites to serve, with commas between them; unset: all',
    example: 'http,dns',
    parse: a.list(a.suiteName),
  },
  FUNCTIONS_DIR: { default: '', description: 'A folder with suites of your own', example: './suites', parse: a.text },
  SCHEDULER: { default: 'on', description: 'off: runs start only when asked for', example: 'off', parse: a.toggle },
  SCHEDULE: {
    default: '',
    description: 'Cron expression for all suites; unset: back to back with SECONDS_BETWEEN_RUNS',
    example: '*/5 * * * *',
    parse: a.cron,
  },
  'SCHEDULE_<SUITE>': {
    default: '',
    description: 'Cron expression for one suite, such as SCHEDULE_HTTP_UPDATE',
    example: '*/15 * * * *',
    parse: a.cron,
  },
  TZ: { default: '', description: 'Time zone of the cron expressions', example: 'Europe/Berlin', parse: a.timeZone },
  CLUSTER: {
    default: 'auto',
    description:
      'auto, in-cluster, kubeconfig or sandbox; auto: the pod’s own, else KUBECONFIG if set, else the sandbox, which `run` takes with --sandbox only',
    example: 'kubeconfig',
    parse: a.oneOf({ auto: 'auto', 'in-cluster': 'in-cluster', kubeconfig: 'kubeconfig', sandbox: 'sandbox' } as const),
  },
  KUBECONFIG: {
    default: '',
    description: 'Path of a kubeconfig, or a list of them as kubectl merges it',
    example: './kubeconfig',
    parse: a.text,
  },
  CLUSTER_NAME: {
    default: '',
    description:
      'What results, page and metrics call the cluster; unset: the kubeconfig’s context, in-cluster or sandbox',
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
    description: 'Full name that the dns suite resolves',
    example: 'kubernetes.default.svc.cluster.local',
    parse: a.fullName,
  },
  DNS_SERVERS: {
    default: '',
    description: 'DNS servers to ask, with commas between them; unset: the system’s',
    example: '10.96.0.10,[fd00::a]:53',
    parse: a.list(a.dnsServer),
  },
  PROBE_PROXY: {
    default: '',
    description: 'HTTP proxy (CONNECT) for the requests to pods and services',
    example: 'http://127.0.0.1:3128',
    parse: a.httpUrl({ credentials: true }),
  },
  PORT: {
    default: '',
    description: 'Port to listen on; wins over FLASK_PORT',
    example: '8080',
    parse: a.number(0, 65_535, { whole: true }),
  },
  FLASK_PORT: {
    default: '8081',
    description: 'Port to listen on',
    example: '8081',
    parse: a.number(0, 65_535, { whole: true }),
  },
  HOST: {
    default: '::',
    description: 'Address to listen on; ::, every address of both families, or of IPv4 where there is no other',
    example: '127.0.0.1',
    parse: a.host,
  },
  BASE_PATH: {
    default: '',
    description:
      'Path that a proxy serves the page below, such as /e2e; unset: X-Forwarded-Prefix says it, or links hold anywhere',
    example: '/e2e',
    parse: a.path,
  },
  ALLOWED_HOSTS: {
    default: '',
    description:
      'Names, with commas between them, that browsers reach the page under by plain HTTP; addresses, localhost and Services of the cluster need not be there',
    example: 'e2e.example.net,*.corp.example.net',
    parse: a.list(a.allowedHost),
  },
  RUN_TOKEN: {
    default: '',
    description:
      'Bearer token that POST /run, POST /update and PUT /results ask for; sent to REPORT_URL unless REPORT_TOKEN is set',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  RUN_TOKEN_FILE: {
    default: '',
    description: 'File that holds RUN_TOKEN',
    example: '/etc/kube-e2etests/token',
    parse: a.text,
  },
  REPORT_URL: {
    default: '',
    description: 'Another process, which gets every finished step and run to show',
    example: 'http://kube-e2etests.monitoring:8081',
    parse: a.httpUrl({ credentials: false }),
  },
  REPORT_TOKEN: {
    default: '',
    description: 'Bearer token for REPORT_URL where it is not RUN_TOKEN, as in a process whose own runs ask for none',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  STATSD_HOST: {
    default: '',
    description: 'Host of a statsd daemon; unset: no statsd',
    example: 'localhost',
    parse: a.host,
  },
  STATSD_PORT: {
    default: '8125',
    description: 'Its UDP port',
    example: '8125',
    parse: a.number(1, 65_535, { whole: true }),
  },
  LOG_LEVEL: {
    default: 'INFO',
    description: 'DEBUG, INFO, WARNING, ERROR, CRITICAL or SILENT',
    example: 'DEBUG',
    parse: a.oneOf(logLevels),
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof table;
export type SettingValue<Name extends SettingName> = ReturnType<(typeof table)[Name]['parse']>;

export interface SettingFacts {
  /** The environment variable. */
  readonly name: string;
  /** As one would write it; '' is unset. */
  readonly default: string;
  readonly unit?: string;
  readonly description: string;
  readonly example: string;
}

export const settings: readonly SettingFacts[] = Object.freeze(
  Object.entries(table).map(([name, setting]: [string, Setting<unknown>]) =>
    Object.freeze({
      name,
      default: setting.default,
      ...(setting.unit && { unit: setting.unit }),
      description: setting.description,
      example: setting.example,
    }),
  ),
);
