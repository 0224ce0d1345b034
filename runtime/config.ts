/** The configuration: environment → one frozen Config. Nobody else reads process.env. */
import { type ClusterRules, readCluster } from './config/cluster.ts';
import { type Host, thisHost } from './config/host.ts';
import { nearest } from './config/nearest.ts';
import { ConfigError, type Problem } from './config/problems.ts';
import { readSchedules } from './config/schedules.ts';
import { withoutServiceLinks } from './config/service-links.ts';
import { table } from './config/settings.ts';
import { createSource, type Environment, type Source } from './config/source.ts';
import { readToken } from './config/token.ts';
import type { Toleration } from './config/tolerations.ts';
import { warningsOf } from './config/warnings.ts';

export { ConfigError, type Problem } from './config/problems.ts';
export { type SettingFacts, settings } from './config/settings.ts';
export type { Environment } from './config/source.ts';

/** Every setting, parsed. The environment variable is named at each; names, defaults and formats are in README.md. */
export interface Config {
  /** TIME_TO_REPORT_PROBLEM, given in minutes; default 20 minutes. Without a result for that long the page and /health say stale. */
  readonly timeToReportProblemMs: number;
  /** SECONDS_BETWEEN_RUNS; default 0. The pause after a run before the next of the same suite. */
  readonly pauseBetweenRunsMs: number;
  /** TEST_NAMESPACE; default kubee2etests. May hold `{suite}`. See namespaceOf. */
  readonly testNamespace: string;
  /** TEST_DEPLOYMENT; default kubee2etestapp. Also the name of its ConfigMap. */
  readonly testDeployment: string;
  /** TEST_SERVICE; default kubee2etests. */
  readonly testService: string;
  /** PORT, else FLASK_PORT; default 8081. */
  readonly port: number;
  /** HOST; default ::, which is every address of both families. */
  readonly host: string;
  /** STATSD_HOST; unset: no statsd. */
  readonly statsdHost?: string;
  /** STATSD_PORT; default 8125. */
  readonly statsdPort: number;
  /** LOG_LEVEL: DEBUG, INFO, WARNING, ERROR, CRITICAL as in the original; default INFO. Held as pino's name. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** DOCKER_REGISTRY_HOST; default ''. Prefix of every test image, without a slash at its end; may hold a port and a path. */
  readonly registry: string;
  /** CUSTOM_TEST_DEPLOYMENT_LABELS; JSON or a Python dict; added to `app: hello-minikube` on the Deployment. */
  readonly deploymentLabels: Readonly<Record<string, string>>;
  /** CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS; the same on its pods. */
  readonly templateLabels: Readonly<Record<string, string>>;
  /** TEST_REPLICAS; default 3. */
  readonly replicas: number;
  /** TEST_TOLERATIONS: taints that the test pods tolerate; default none. */
  readonly testTolerations: readonly Toleration[];
  /** TEST_NODE_SELECTOR; labels that the nodes of the test pods have; default none but the operating system. */
  readonly testNodeSelector: Readonly<Record<string, string>>;
  /** TEST_LABELS; on everything that is made. */
  readonly testLabels: Readonly<Record<string, string>>;
  /** IMAGE_PULL_POLICY; unset: the cluster's default. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** ANTI_AFFINITY_KEY; default topology.kubernetes.io/zone. */
  readonly antiAffinityKey: string;
  /** EVENT_TIMEOUT_SECONDS; default 60 s. How long the cluster may take for one thing asked of it. */
  readonly eventTimeoutMs: number;
  /** SHUTDOWN_GRACE_SECONDS; default 0. How long runs under way may go on after SIGTERM. */
  readonly shutdownGraceMs: number;
  /** SUITES; names in the order given; undefined: all. Unknown names are refused when the registry has loaded. */
  readonly suites?: readonly string[];
  /** SCHEDULER; default on. */
  readonly scheduler: boolean;
  /** SCHEDULE: cron for all suites; undefined: back to back with pauseBetweenRunsMs. */
  readonly schedule?: string;
  /** SCHEDULE_<SUITE>: cron for one suite, keyed by suite name. */
  readonly schedules: Readonly<Record<string, string>>;
  /** TZ; the time zone of cron expressions. */
  readonly timeZone?: string;
  /** CREATE_NAMESPACES; default false. */
  readonly createNamespaces: boolean;
  /** How long `run` tries an API server that never answered; serving processes try it as long as any other. */
  readonly firstContactMs?: number;
  /** Who starts the suites of other processes, as far as this one looks after them. */
  readonly plan: 'none' | 'knative';
  /** REPORT_URL: another process's base URL; finished steps are POSTed to its /update. */
  readonly reportUrl?: string;
  /** BASE_PATH: the path that a proxy serves the page below, without a slash at its end; undefined: none, or the proxy says it. */
  readonly basePath?: string;
  /** ALLOWED_HOSTS: names that browsers reach the page under by plain HTTP. */
  readonly allowedHosts: readonly string[];
  /** RUN_TOKEN or the content of RUN_TOKEN_FILE: bearer token for POST /run and POST /update. */
  readonly runToken?: string;
  /** REPORT_TOKEN, else RUN_TOKEN: bearer token sent to REPORT_URL. */
  readonly reportToken?: string;
  /**
   * CLUSTER=auto|in-cluster|kubeconfig|sandbox, resolved: auto is in-cluster in a pod, kubeconfig where KUBECONFIG is set, else sandbox,
   * which `kube-e2etests run` takes only when it is asked for.
   */
  readonly cluster: 'in-cluster' | 'kubeconfig' | 'sandbox';
  /** CLUSTER_NAME: what results, page and metrics call the cluster; default: the kubeconfig's context, in-cluster or sandbox. */
  readonly clusterName?: string;
  /** KUBECONFIG; set when cluster is kubeconfig. A list, as kubectl takes it, of files that exist. */
  readonly kubeconfig?: string;
  /** CLUSTER_DOMAIN; default cluster.local. */
  readonly clusterDomain: string;
  /** DNS_QUERY_NAME; default kubernetes.default.svc.<CLUSTER_DOMAIN>. */
  readonly dnsQueryName: string;
  /** DNS_SERVERS: comma list of address or address:port ([v6]:port); empty: the system's. */
  readonly dnsServers: readonly string[];
  /** PROBE_PROXY: URL of an HTTP CONNECT proxy for requests to pods and services. */
  readonly probeProxy?: string;
  /** HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in small letters too: the way to the server of a kubeconfig. */
  readonly proxies: {
    readonly http?: string;
    readonly https?: string;
    readonly all?: string;
    readonly none?: string;
  };
  /** IMAGE_PULL_SECRETS: comma list of secret names in each test namespace. */
  readonly imagePullSecrets: readonly string[];
  /** TEST_POD_SECURITY; default baseline. */
  readonly testPodSecurity: 'baseline' | 'restricted';
  /** FUNCTIONS_DIR: a folder with further suites. */
  readonly functionsDir?: string;
  /** What is to be said at the start: names that look mistyped, settings that do not go together. */
  readonly warnings: readonly string[];
}

/** Who reads the settings, and what for. */
export interface Rules extends ClusterRules {
  /** True: TEST_NAMESPACE is taken as it is, also for several suites. */
  readonly oneNamespace?: boolean;
}

/** What TEST_NAMESPACE is where it is not set. */
export const defaultNamespace = table.TEST_NAMESPACE.default;

/** The environment of this process: the one place that reads it. */
export function environment(): Environment {
  return process.env;
}

/**
 * Parses all settings; throws a ConfigError that names every bad one, with `suitesIn` also those that do not fit the suites there are.
 * An empty variable counts as unset.
 */
export function readConfig(
  given: Environment,
  host: Host = thisHost,
  suitesIn?: (functionsDir: string | undefined) => readonly string[],
  rules: Rules = { sandbox: 'by itself' },
): Config {
  const env = withoutServiceLinks(given);
  const source = createSource(env);
  const clusterDomain = source.value('CLUSTER_DOMAIN');
  const schedule = source.optional('SCHEDULE');
  const schedules = readSchedules(source, env);
  const cronInUse = schedule !== undefined || Object.keys(schedules).length > 0;
  const suites = source.optional('SUITES');
  const runToken = readToken(source, env, host);
  const parsed: Omit<Config, 'warnings'> = {
    timeToReportProblemMs: Math.round(source.value('TIME_TO_REPORT_PROBLEM') * 60_000),
    pauseBetweenRunsMs: Math.round(source.value('SECONDS_BETWEEN_RUNS') * 1000),
    testNamespace: source.value('TEST_NAMESPACE'),
    testDeployment: source.value('TEST_DEPLOYMENT'),
    testService: source.value('TEST_SERVICE'),
    port: source.optional('PORT') ?? source.value('FLASK_PORT'),
    host: source.value('HOST'),
    statsdHost: source.optional('STATSD_HOST'),
    statsdPort: source.value('STATSD_PORT'),
    logLevel: source.value('LOG_LEVEL'),
    registry: source.optional('DOCKER_REGISTRY_HOST') ?? '',
    deploymentLabels: source.value('CUSTOM_TEST_DEPLOYMENT_LABELS'),
    templateLabels: source.value('CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS'),
    replicas: source.value('TEST_REPLICAS'),
    testTolerations: source.optional('TEST_TOLERATIONS') ?? Object.freeze([]),
    testNodeSelector: source.value('TEST_NODE_SELECTOR'),
    testLabels: source.value('TEST_LABELS'),
    imagePullPolicy: source.optional('IMAGE_PULL_POLICY'),
    antiAffinityKey: source.value('ANTI_AFFINITY_KEY'),
    eventTimeoutMs: Math.round(source.value('EVENT_TIMEOUT_SECONDS') * 1000),
    shutdownGraceMs: Math.round(source.value('SHUTDOWN_GRACE_SECONDS') * 1000),
    suites: suites && suites.length > 0 ? Object.freeze([...new Set(suites)]) : undefined,
    scheduler: source.value('SCHEDULER'),
    schedule,
    schedules,
    timeZone: cronInUse ? source.optional('TZ') : undefined,
    createNamespaces: source.value('CREATE_NAMESPACES'),
    plan: source.value('PLAN'),
    reportUrl: source.optional('REPORT_URL'),
    basePath: source.optional('BASE_PATH') || undefined,
    allowedHosts: source.optional('ALLOWED_HOSTS') ?? Object.freeze([]),
    runToken,
    reportToken: source.optional('REPORT_TOKEN') ?? runToken,
    ...readCluster(source, host, rules),
    clusterName: source.optional('CLUSTER_NAME'),
    clusterDomain,
    dnsQueryName: source.optional('DNS_QUERY_NAME') ?? `kubernetes.default.svc.${clusterDomain}`,
    dnsServers: source.optional('DNS_SERVERS') ?? Object.freeze([]),
    probeProxy: source.optional('PROBE_PROXY'),
    proxies: readProxies(source),
    imagePullSecrets: source.optional('IMAGE_PULL_SECRETS') ?? Object.freeze([]),
    testPodSecurity: source.value('TEST_POD_SECURITY'),
    functionsDir: source.optional('FUNCTIONS_DIR'),
  };
  const config: Config = { ...parsed, warnings: warningsOf(env, parsed) };
  const problems = [
    ...source.problems,
    ...(suitesIn
      ? suiteProblems(config, suitesIn(config.functionsDir), rules)
      : longNamespaces(config, config.suites ?? [], rules)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/**
 * The namespace of a suite: TEST_NAMESPACE as it is where this process serves one suite, else `<TEST_NAMESPACE>-<suite>`; `{suite}` is
 * filled in either way. Underscores become dashes.
 */
export function namespaceOf(config: Pick<Config, 'testNamespace'>, suite: string, suitesServed: number): string {
  const label = suite.replaceAll('_', '-');
  if (config.testNamespace.includes('{suite}')) return config.testNamespace.replaceAll('{suite}', label);
  return suitesServed === 1 ? config.testNamespace : `${config.testNamespace}-${label}`;
}

/** What in a configuration does not fit the suites there are: unknown names in SUITES and SCHEDULE_<SUITE>, namespaces that grow too long. */
export function suiteProblems(config: Config, known: readonly string[], rules?: Rules): readonly Problem[] {
  const unknown = (key: string, name: string): Problem[] => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    const asked = near === undefined ? '' : `, perhaps ${near}`;
    return [{ key, value: name, expected: `a suite that exists${asked}; there are ${known.join(', ')}` }];
  };
  const served = config.suites ?? known;
  return [
    ...served.flatMap((name) => unknown('SUITES', name)),
    ...Object.keys(config.schedules).flatMap((name) => unknown(`SCHEDULE_${name.toUpperCase()}`, name)),
    ...longNamespaces(config, served, rules),
  ];
}

function longNamespaces(config: Config, suites: readonly string[], rules?: Rules): Problem[] {
  // It was wrong by itself, and is named for that.
  if (!config.testNamespace) return [];
  const served = rules?.oneNamespace ? 1 : suites.length;
  const tooLong = suites.map((suite) => namespaceOf(config, suite, served)).filter((name) => name.length > 63);
  if (tooLong.length === 0) return [];
  const expected = `at most 63 characters with the suite's name; ${tooLong.join(', ')} would be longer`;
  return [{ key: 'TEST_NAMESPACE', value: config.testNamespace, expected, example: 'kube-e2etests' }];
}

/** As the programs of an operating system read them; they are no settings of ours. */
function readProxies(source: Source): Config['proxies'] {
  const either = (name: string) => source.raw(name) ?? source.raw(name.toLowerCase());
  const [http, https, all, none] = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].map(either);
  return Object.freeze({ ...(http && { http }), ...(https && { https }), ...(all && { all }), ...(none && { none }) });
}
