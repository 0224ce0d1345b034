import { AppsV1Api, CoordinationV1Api, CoreV1Api, DiscoveryV1Api } from '@kubernetes/client-node';
import type { RunScope } from '../model.ts';
import type { Calls } from './calls.ts';
import { type ClusterSource, loadCredentials } from './credentials.ts';
import { defectOf } from './errors.ts';
import { KubeSession } from './session.ts';
import type { TestObjects } from './test-objects.ts';

export interface ClusterOptions {
  readonly source: ClusterSource;
  readonly objects: TestObjects;
  /** How long the cluster may take for one thing asked of it; milliseconds. */
  readonly eventTimeoutMs: number;
  /** Make missing test namespaces instead of ending errored. */
  readonly createNamespaces: boolean;
}

/** The typed clients, all on one pool of connections. */
export interface Apis {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly coordination: CoordinationV1Api;
  readonly discovery: DiscoveryV1Api;
}

/** A cluster, for as long as the process lives. */
export interface Cluster {
  openSession(scope: RunScope): KubeSession;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Reads the credentials; sends nothing. Raises k8s.prerequisite_missing. */
export function connect(options: ClusterOptions): Cluster {
  const config = loadCredentials(options.source);
  const apis: Apis = {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    coordination: config.makeApiClient(CoordinationV1Api),
    discovery: config.makeApiClient(DiscoveryV1Api),
  };
  const slices = sliceDiscovery(apis.discovery);
  const context = config.getContextObject(config.getCurrentContext());
  const home = context?.namespace ?? 'default';
  return {
    openSession: (scope) => new KubeSession({ ...options, config, apis, scope, home, slices }),
    close: () => config.close(),
  };
}

/** Whether discovery.k8s.io/v1 is served (since 1.21): asked once per process, in the session that needs it first. */
export interface SliceDiscovery {
  readonly known: boolean | undefined;
  ask(calls: Calls, signal: AbortSignal, budgetMs: number): Promise<boolean>;
}

function sliceDiscovery(discovery: DiscoveryV1Api): SliceDiscovery {
  let known: boolean | undefined;
  return {
    get known() {
      return known;
    },
    async ask(calls, signal, budgetMs) {
      known ??= await calls.send(
        'get /apis/discovery.k8s.io/v1',
        {
          signal,
          budgetMs,
          onFailure: (failure) => {
            if (failure.status === 404) return false;
            throw defectOf(failure, 'get /apis/discovery.k8s.io/v1', 0);
          },
        },
        async (options) =>
          (await discovery.getAPIResources(options)).resources.some(({ name }) => name === 'endpointslices'),
      );
      return known;
    },
  };
}
