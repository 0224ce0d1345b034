/** The composition root: environment → configuration → suites → cluster. connect.ts adds the runner, serve.ts what stands around it. */
import type { Sandbox } from '../../sandbox/index.ts';
import { type Environment, type Rules, readConfig } from '../config/config.ts';
import { findSuites, loadSuites } from '../run/registry.ts';
import { suiteSettings } from './connect.ts';
import type { Prepared } from './prepared.ts';

/** Reads the settings, loads the suites and, where it was chosen, starts the sandbox. Throws ConfigError or SuitesError. */
export async function prepare(env: Environment, rules?: Rules): Promise<Prepared> {
  const config = readConfig(env, undefined, (functionsDir) => [...findSuites(functionsDir).keys()], rules);
  const suites = await loadSuites({
    names: config.suites,
    group: config.suiteGroup,
    functionsDir: config.functionsDir,
    settings: suiteSettings(config),
  });
  if (config.cluster !== 'sandbox') return { config, suites };
  const { startSandbox } = await import('../../sandbox/index.ts');
  const sandbox = await startSandbox();
  return { config: readConfig({ ...env, ...settingsFor(sandbox, env) }), suites, sandbox };
}

/** The sandbox is a cluster like any other: what is special about it are these settings. */
function settingsFor(sandbox: Sandbox, env: Environment): Environment {
  return {
    CLUSTER: 'kubeconfig',
    KUBECONFIG: sandbox.kubeconfigPath,
    KUBE_CONTEXT: '',
    // Whatever it is called, it is never taken for the real one.
    CLUSTER_NAME: env.CLUSTER_NAME?.trim() ? `${env.CLUSTER_NAME.trim().slice(0, 80)} (sandbox)` : 'sandbox',
    PROBE_PROXY: sandbox.probeProxy,
    DNS_SERVERS: sandbox.dnsServers.join(','),
    AGENT_IMAGE: sandbox.agentImage,
    PULL_IMAGE: env.PULL_IMAGE?.trim() || sandbox.pullImage,
    CREATE_NAMESPACES: 'true',
    SECONDS_BETWEEN_RUNS: env.SECONDS_BETWEEN_RUNS?.trim() || '5',
    // Its pods are up within a second: whoever breaks it need not wait a minute for the verdict.
    EVENT_TIMEOUT_SECONDS: env.EVENT_TIMEOUT_SECONDS?.trim() || '10',
  };
}

/** Serves until the process is told to stop. Throws what prepare throws, ListenError, and k8s.prerequisite_missing. */
export async function serve(env: Environment): Promise<void> {
  const prepared = await prepare(env);
  const { startServer } = await import('./serve.ts');
  try {
    await startServer(prepared);
  } catch (error) {
    await prepared.sandbox?.close();
    throw error;
  }
}
