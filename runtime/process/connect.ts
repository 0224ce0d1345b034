/** The runner, and its connection to the cluster and to what observes it: loaded after the process has begun to listen. */
import { namespaceOf } from '../config/config.ts';
import type { Config } from '../config/shape.ts';
import { diagnoseRun } from '../diagnosis/diagnose.ts';
import type { Cluster, ClusterOptions } from '../kube/session/open-cluster.ts';
import type { RunEvent } from '../model/event.ts';
import type { Runner } from '../model/outcome.ts';
import type { ClusterIdentity } from '../model/result.ts';
import type { Suite, SuiteSettings } from '../model/suite.ts';
import type { RunParts } from '../run/order.ts';
import { createOutside } from '../run/outside.ts';
import { createRunner } from '../run/runner.ts';
import { createSupport } from '../run/support.ts';

export interface OpenRunner {
  /** Takes runs at once; they wait until it is connected. */
  readonly runner: Runner;
  /** Loads the client library and reads the credentials; sends nothing. Raises k8s.prerequisite_missing. */
  connect(): Promise<void>;
  /** Which cluster it is, as far as it is known by now. */
  cluster(): ClusterIdentity;
  /** Resolves when the cluster has said its version, or will not. Never rejects. */
  identified(): Promise<void>;
  /** The cluster, for what looks at it beside the runs; after connect(). */
  connected(): Promise<Pick<Cluster, 'starts' | 'home' | 'preflight'>>;
  /** Closes the connections to the cluster; after runner.close(). */
  close(): Promise<void>;
}

export interface RunnerOptions {
  readonly config: Config;
  readonly suites: readonly Suite[];
  record(event: RunEvent): void;
  /** True: the namespace is taken as it is, also for several suites. */
  readonly oneNamespace?: boolean;
}

/** Loads nothing and sends nothing yet. */
export function openRunner({ config, suites, record, oneNamespace = false }: RunnerOptions): OpenRunner {
  let connection: Promise<Connection> | undefined;
  let cluster: Cluster | undefined;
  const support = createSupport(config.areOptional ? [] : config.suites);
  const learning: RunnerOptions['record'] = (event) => {
    support.learn(event);
    record(event);
  };
  const connected = () => {
    connection ??= connect(config, learning).then((made) => {
      cluster = made.cluster;
      return made;
    });
    return connection;
  };
  const runner = createRunner({
    namespaceOf: (suite) => namespaceOf(config, suite, oneNamespace ? 1 : suites.length),
    connected: async () => ({ ...(await connected()).parts, expected: support.expected }),
    record: learning,
  });
  return {
    runner,
    connect: async () => void (await connected()),
    connected: async () => (await connected()).cluster,
    cluster: () => cluster?.identity.now ?? notConnected(config),
    identified: async () => (await connection?.catch(() => undefined))?.cluster.identity.refresh(),
    close: async () => (await connection?.catch(() => undefined))?.cluster.close(),
  };
}

interface Connection {
  readonly cluster: Cluster;
  readonly parts: RunParts;
}

/** `identify` false: somebody else asks what the cluster is. */
export async function connect(
  config: Config,
  record: RunParts['record'],
  { identify = true } = {},
): Promise<Connection> {
  const [{ openCluster }, { inquiryOf }, { createProbes }] = await Promise.all([
    import('../kube/session/open-cluster.ts'),
    import('../kube/session/inquiry.ts'),
    import('../probes/index.ts'),
  ]);
  const { eventTimeoutMs, dnsServers, probeProxy: proxy, clusterDomain } = config;
  const cluster = openCluster({
    source: config.kubeconfig
      ? { kind: 'kubeconfig', path: config.kubeconfig, context: config.kubeContext }
      : { kind: 'in-cluster' },
    name: config.clusterName,
    objects: testObjects(config),
    eventTimeoutMs,
    firstContactMs: config.firstContactMs,
    proxies: config.proxies,
    createNamespaces: config.createNamespaces,
  });
  const ask = () => (identify ? void cluster.identity.refresh() : undefined);
  ask();
  const inCluster = config.cluster === 'in-cluster';
  const parts: RunParts = {
    settings: suiteSettings(config),
    eventTimeoutMs,
    openSession: (scope) => {
      ask();
      return cluster.openSession(scope);
    },
    inquiryOf,
    cluster: () => cluster.identity.now,
    openProbes: (scope) => createProbes(scope, { dnsServers, proxy, eventTimeoutMs, inCluster, clusterDomain }),
    record,
    diagnose: diagnoseRun,
    outside: createOutside(config),
  };
  return { cluster, parts };
}

/** The kubeconfig is read late. */
function notConnected({ clusterName, cluster }: Config): ClusterIdentity {
  const name = clusterName ?? (cluster === 'kubeconfig' ? 'unknown' : cluster);
  return { name, server: 'unknown', version: 'unknown' };
}

/** The part of the configuration that suites may read. */
export function suiteSettings({ replicas, dnsQueryName }: Config): SuiteSettings {
  return Object.freeze({ replicas, dnsQueryName });
}

/** What the objects under test are made of. */
export function testObjects(config: Config): ClusterOptions['objects'] {
  return {
    deployment: config.testDeployment,
    service: config.testService,
    replicas: config.replicas,
    antiAffinityKey: config.antiAffinityKey,
    registry: config.registry,
    deploymentLabels: config.deploymentLabels,
    templateLabels: config.templateLabels,
    imagePullSecrets: config.imagePullSecrets,
    podSecurity: config.testPodSecurity,
    clusterDomain: config.clusterDomain,
    labels: config.testLabels,
    tolerations: config.testTolerations,
    nodeSelector: config.testNodeSelector,
    imagePullPolicy: config.imagePullPolicy,
    agentImage: config.agentImage,
    ingressClass: config.ingressClass,
    gateway: config.gateway,
  };
}
