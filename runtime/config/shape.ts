/** Every setting, parsed. */
import type { SuiteChoice } from './suite-choice.ts';
import type { Toleration } from './tolerations.ts';

/** Every setting, parsed. The environment variable is named at each; names, defaults and formats are in README.md. */
export interface Config extends SuiteChoice {
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
  /** AGENT_IMAGE; unset: suites that need agents are unsupported. */
  readonly agentImage?: string;
  /** INGRESS_CLASS; unset: the cluster's default. */
  readonly ingressClass?: string;
  /** GATEWAY; unset: the gateway suite has one of its own. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
  /** ANTI_AFFINITY_KEY; default topology.kubernetes.io/zone. */
  readonly antiAffinityKey: string;
  /** EVENT_TIMEOUT_SECONDS; default 60 s. How long the cluster may take for one thing asked of it. */
  readonly eventTimeoutMs: number;
  /** SHUTDOWN_GRACE_SECONDS; default 0. How long runs under way may go on after SIGTERM. */
  readonly shutdownGraceMs: number;
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
  /** NOTIFY_URL: gets a POST when the headline changes; undefined: nobody is told. Secret. */
  readonly notifyUrl?: string;
  /** NOTIFY_FORMAT; default cloudevent. */
  readonly notifyFormat: 'cloudevent' | 'slack' | 'teams' | 'alertmanager';
  /** PAGE_URL: where people open the page; notices link to it. */
  readonly pageUrl?: string;
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
  /** KUBE_CONTEXT: a context of the kubeconfig; default: its current one. */
  readonly kubeContext?: string;
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
  /** HISTORY_FILE: keeps memory over restarts; unset: nothing does. */
  readonly historyFile?: string;
  /** SLO_TARGET, given in percent; a ratio, default 0.999. */
  readonly sloTarget: number;
  /** What is to be said at the start: names that look mistyped, settings that do not go together. */
  readonly warnings: readonly string[];
}
