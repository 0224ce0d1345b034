/** The runner, connected to the cluster and to what observes it. */
import { type Config, namespaceOf } from './config.ts';
import { diagnoseRun } from './diagnosis/run.ts';
import { connect } from './kube/index.ts';
import type { RunEvent, Runner, Suite, SuiteSettings } from './model.ts';
import { createProbes } from './probes/index.ts';
import { createRunner } from './runner.ts';

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
  };
}
