/** A cluster, for as long as the process lives: what every run's session of it has in common. connect.ts loads it late: ADR 007. */
import type { RunScope } from '../../model/scope.ts';
import { openConnection } from '../client/connection.ts';
import type { ClusterSource } from '../client/credentials.ts';
import { createIdentity, type Identity } from '../client/identity.ts';
import type { Proxies } from '../client/proxy.ts';
import { createServing } from '../client/serving.ts';
import type { TestObjects } from '../kinds/test-objects.ts';
import { createPreflight, type Preflight } from './preflight.ts';
import { KubeSession } from './session.ts';
import { createStartReader, type StartReader } from './starts.ts';

export interface ClusterOptions {
  readonly source: ClusterSource;
  /** What it is called; default: the context, or in-cluster. */
  readonly name?: string;
  readonly objects: TestObjects;
  /** How long the cluster may take for one thing asked of it; milliseconds. */
  readonly eventTimeoutMs: number;
  /** HTTPS_PROXY and its like; default none. */
  readonly proxies?: Proxies;
  /** How long an API server that never answered is tried; milliseconds, default as any other. */
  readonly firstContactMs?: number;
  /** Make missing test namespaces instead of ending errored. */
  readonly createNamespaces: boolean;
}

/** A cluster, for as long as the process lives. */
export interface Cluster {
  openSession(scope: RunScope): KubeSession;
  readonly identity: Identity;
  /** What starts suites in the namespace this process is at home in. */
  starts(): StartReader;
  readonly home: string;
  /** What can be known of it before anything is made. */
  readonly preflight: Preflight;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Reads the credentials; sends nothing. Raises k8s.prerequisite_missing. */
export function openCluster(options: ClusterOptions): Cluster {
  const { source, proxies, firstContactMs } = options;
  const connection = openConnection(source, { proxies, firstContactMs });
  const { api, home, server } = connection;
  const serving = createServing(api);
  return {
    openSession: (scope) => new KubeSession({ ...options, ...connection, scope, serving }),
    identity: createIdentity({ name: options.name ?? connection.name, server, api }),
    home,
    preflight: createPreflight({ ...connection, named: options.objects }),
    starts: () => createStartReader({ api, namespace: home }),
    close: connection.close,
  };
}
