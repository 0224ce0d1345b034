/** The configuration: environment → one frozen Config. Nobody else reads process.env. */
import { type ClusterRules, readCluster } from './cluster.ts';
import { type Host, thisHost } from './host.ts';
import { nearest } from './nearest.ts';
import { ConfigError, type Problem } from './problems.ts';
import { readPerSuite } from './schedules.ts';
import { withoutServiceLinks } from './service-links.ts';
import { table } from './settings.ts';
import type { Config } from './shape.ts';
import { createSource, type Environment, type Source } from './source.ts';
import { suiteChoice } from './suite-choice.ts';
import { readToken } from './token.ts';
import { warningsOf } from './warnings.ts';

export { ConfigError, type Problem } from './problems.ts';
export { type SettingFacts, settings } from './settings.ts';
export type { Environment } from './source.ts';

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
  const schedules = readPerSuite(source, env, 'SCHEDULE_<SUITE>');
  const maintenance = source.optional('MAINTENANCE') ?? Object.freeze([]);
  const cronInUse = schedule !== undefined || Object.keys(schedules).length > 0 || maintenance.length > 0;
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
    agentImage: source.optional('AGENT_IMAGE'),
    pullImage: source.optional('PULL_IMAGE'),
    storageClass: source.optional('STORAGE_CLASS'),
    ingressClass: source.optional('INGRESS_CLASS'),
    gateway: source.optional('GATEWAY'),
    antiAffinityKey: source.value('ANTI_AFFINITY_KEY'),
    eventTimeoutMs: Math.round(source.value('EVENT_TIMEOUT_SECONDS') * 1000),
    shutdownGraceMs: Math.round(source.value('SHUTDOWN_GRACE_SECONDS') * 1000),
    ...suiteChoice(source.optional('SUITES')),
    ...(source.value('REQUIREMENTS') === 'optional' && { areOptional: true }),
    scheduler: source.value('SCHEDULER'),
    schedule,
    schedules,
    slowAfterMs: slowLimits(readPerSuite(source, env, 'SLOW_<SUITE>')),
    timeZone: cronInUse ? source.optional('TZ') : undefined,
    createNamespaces: source.value('CREATE_NAMESPACES'),
    plan: source.value('PLAN'),
    reportUrl: source.optional('REPORT_URL'),
    notifyUrl: source.optional('NOTIFY_URL'),
    notifyFormat: source.value('NOTIFY_FORMAT'),
    pageUrl: source.optional('PAGE_URL'),
    basePath: source.optional('BASE_PATH') || undefined,
    allowedHosts: source.optional('ALLOWED_HOSTS') ?? Object.freeze([]),
    runToken,
    reportToken: source.optional('REPORT_TOKEN') ?? runToken,
    ...readCluster(source, host, rules),
    kubeContext: source.optional('KUBE_CONTEXT'),
    clusterName: source.optional('CLUSTER_NAME'),
    clusterDomain,
    dnsExternalName: source.optional('DNS_EXTERNAL_NAME'),
    dnsQueryName: source.optional('DNS_QUERY_NAME') ?? `kubernetes.default.svc.${clusterDomain}`,
    dnsServers: source.optional('DNS_SERVERS') ?? Object.freeze([]),
    probeProxy: source.optional('PROBE_PROXY'),
    proxies: readProxies(source),
    imagePullSecrets: source.optional('IMAGE_PULL_SECRETS') ?? Object.freeze([]),
    testPodSecurity: source.value('TEST_POD_SECURITY'),
    functionsDir: source.optional('FUNCTIONS_DIR'),
    maintenance,
    historyFile: source.optional('HISTORY_FILE'),
    // Without the rounding 99.9 would be 0.9990000000000001.
    sloTarget: Math.round(source.value('SLO_TARGET') * 1e6) / 1e8,
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

/** What in a configuration does not fit the suites there are: unknown names in SUITES, SCHEDULE_<SUITE> and SLOW_<SUITE>, namespaces that grow too long. */
export function suiteProblems(config: Config, known: readonly string[], rules?: Rules): readonly Problem[] {
  const unknown = (key: string, name: string): Problem[] => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    const asked = near === undefined ? '' : `, perhaps ${near}`;
    return [{ key, value: name, expected: `a suite that exists${asked}; there are ${known.join(', ')}` }];
  };
  const named = config.suites ?? [];
  const served = config.suites && !config.suiteGroup ? named : [...new Set([...named, ...known])];
  return [
    ...served.flatMap((name) => unknown('SUITES', name)),
    ...Object.entries({ SCHEDULE_: config.schedules, SLOW_: config.slowAfterMs }).flatMap(([prefix, ofSuites]) =>
      Object.keys(ofSuites).flatMap((name) => unknown(prefix + name.toUpperCase(), name)),
    ),
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

function slowLimits(seconds: Readonly<Record<string, number>>): Config['slowAfterMs'] {
  return Object.freeze(Object.fromEntries(Object.entries(seconds).map(([suite, one]) => [suite, one * 1000])));
}

/** As the programs of an operating system read them; they are no settings of ours. */
function readProxies(source: Source): Config['proxies'] {
  const either = (name: string) => source.raw(name) ?? source.raw(name.toLowerCase());
  const [http, https, all, none] = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].map(either);
  return Object.freeze({ ...(http && { http }), ...(https && { https }), ...(all && { all }), ...(none && { none }) });
}
