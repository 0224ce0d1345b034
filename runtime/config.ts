/** The configuration: environment → one frozen Config. Nobody else reads process.env. */

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
  /** HOST; default 0.0.0.0. */
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
  /** ANTI_AFFINITY_KEY; default topology.kubernetes.io/zone. */
  readonly antiAffinityKey: string;
  /** EVENT_TIMEOUT_SECONDS; default 60 s. How long the cluster may take for one thing asked of it. */
  readonly eventTimeoutMs: number;
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
  /** REPORT_URL: another process's base URL; finished steps are POSTed to its /update. */
  readonly reportUrl?: string;
  /** RUN_TOKEN or the content of RUN_TOKEN_FILE: bearer token for POST /run and POST /update; also sent to REPORT_URL. */
  readonly runToken?: string;
  /** CLUSTER=auto|in-cluster|kubeconfig|sandbox, resolved: auto is in-cluster in a pod, kubeconfig where KUBECONFIG is set, else sandbox. */
  readonly cluster: 'in-cluster' | 'kubeconfig' | 'sandbox';
  /** KUBECONFIG; set when cluster is kubeconfig. */
  readonly kubeconfig?: string;
  /** CLUSTER_DOMAIN; default cluster.local. */
  readonly clusterDomain: string;
  /** DNS_QUERY_NAME; default kubernetes.default.svc.<CLUSTER_DOMAIN>. */
  readonly dnsQueryName: string;
  /** DNS_SERVERS: comma list of address or address:port ([v6]:port); empty: the system's. */
  readonly dnsServers: readonly string[];
  /** PROBE_PROXY: URL of an HTTP CONNECT proxy for requests to pods and services. */
  readonly probeProxy?: string;
  /** IMAGE_PULL_SECRETS: comma list of secret names in each test namespace. */
  readonly imagePullSecrets: readonly string[];
  /** TEST_POD_SECURITY; default baseline. */
  readonly testPodSecurity: 'baseline' | 'restricted';
  /** FUNCTIONS_DIR: a folder with further suites. */
  readonly functionsDir?: string;
}
