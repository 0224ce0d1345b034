/** The composition root: environment → configuration → suites → cluster → runner; and, to serve, what stands around it. */
import { type Config, ConfigError, type Environment, namespaceOf, readConfig, suiteProblems } from './config.ts';
import { diagnoseRun } from './diagnosis/run.ts';
import { connect } from './kube/index.ts';
import type { RunEvent, Runner, Suite, SuiteSettings } from './model.ts';
import { createProbes } from './probes/index.ts';
import { findSuites, loadSuites } from './registry.ts';
import { createRunner } from './runner.ts';

export interface Prepared {
  readonly config: Config;
  readonly suites: readonly Suite[];
  /** The embedded cluster, where it was chosen. */
  readonly sandbox?: Sandbox;
}

/** What main needs of the embedded cluster. */
export interface Sandbox {
  readonly kubeconfigPath: string;
  readonly probeProxy: string;
  readonly dnsServers: readonly string[];
  readonly admin: { readonly url: string; readonly token: string };
  close(): Promise<void>;
}

/** There is no cluster to test; the message says what to set. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';
}

/** Reads the settings, loads the suites and, where it was chosen, starts the sandbox. Throws ConfigError, SuitesError or NoClusterError. */
export async function prepare(env: Environment): Promise<Prepared> {
  const config = readConfig(env);
  const problems = suiteProblems(config, [...findSuites(config.functionsDir).keys()]);
  if (problems.length > 0) throw new ConfigError(problems);
  const suites = await loadSuites({
    names: config.suites,
    functionsDir: config.functionsDir,
    settings: suiteSettings(config),
  });
  if (config.cluster !== 'sandbox') return { config, suites };
  const sandbox = await startSandbox();
  return { config: readConfig({ ...env, ...settingsFor(sandbox, env) }), suites, sandbox };
}

/** The sandbox is a cluster like any other: what is special about it are these settings. */
function settingsFor(sandbox: Sandbox, env: Environment): Environment {
  return {
    CLUSTER: 'kubeconfig',
    KUBECONFIG: sandbox.kubeconfigPath,
    PROBE_PROXY: sandbox.probeProxy,
    DNS_SERVERS: sandbox.dnsServers.join(','),
    CREATE_NAMESPACES: 'true',
    SECONDS_BETWEEN_RUNS: env.SECONDS_BETWEEN_RUNS?.trim() || '5',
  };
}

async function startSandbox(): Promise<Sandbox> {
  const module = '../sandbox/index.ts';
  try {
    const { startSandbox: start } = (await import(module)) as { startSandbox(): Promise<Sandbox> };
    return await start();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new NoClusterError(
      'No cluster to test: set KUBECONFIG to the path of a kubeconfig, such as KUBECONFIG=$HOME/.kube/config',
    );
  }
}

export interface OpenRunner {
  readonly runner: Runner;
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

/** Connects the runner to the cluster and to the probes. Sends nothing yet; raises k8s.prerequisite_missing. */
export function openRunner({ config, suites, record, oneNamespace = false }: RunnerOptions): OpenRunner {
  const cluster = connect({
    source: config.kubeconfig ? { kind: 'kubeconfig', path: config.kubeconfig } : { kind: 'in-cluster' },
    objects: testObjects(config),
    eventTimeoutMs: config.eventTimeoutMs,
    createNamespaces: config.createNamespaces,
  });
  const runner = createRunner({
    settings: suiteSettings(config),
    eventTimeoutMs: config.eventTimeoutMs,
    namespaceOf: (suite) => namespaceOf(config, suite, oneNamespace ? 1 : suites.length),
    openSession: (scope) => cluster.openSession(scope),
    openProbes: (scope) =>
      createProbes(scope, {
        dnsServers: config.dnsServers,
        proxy: config.probeProxy,
        eventTimeoutMs: config.eventTimeoutMs,
        inCluster: config.cluster === 'in-cluster',
      }),
    record,
    diagnose: diagnoseRun,
  });
  return { runner, close: () => cluster.close() };
}

/** The part of the configuration that suites may read. */
export function suiteSettings({ replicas, dnsQueryName }: Config): SuiteSettings {
  return Object.freeze({ replicas, dnsQueryName });
}

function testObjects(config: Config): Parameters<typeof connect>[0]['objects'] {
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
    eventTimeoutSeconds: config.eventTimeoutMs / 1000,
  };
}

export async function serve(_env: Environment): Promise<void> {}
