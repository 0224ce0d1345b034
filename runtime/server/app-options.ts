/** What the server is built from. */
import type { FastifyBaseLogger } from 'fastify';
import type { FaultSwitches } from '../dashboard/scene.ts';
import type { Store } from '../memory/store.ts';
import type { Health } from '../model/health.ts';
import type { MaintenanceControl } from '../model/maintenance.ts';
import type { Runner } from '../model/outcome.ts';
import type { ClusterIdentity } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import type { Prometheus } from '../sinks/prometheus.ts';

export interface AppOptions {
  readonly suites: readonly Suite[];
  readonly runner: Pick<Runner, 'start' | 'active'>;
  readonly store: Store;
  /** Which cluster is tested, as far as it is known by now. Default: it is not said. */
  readonly cluster?: () => ClusterIdentity;
  /** The fold that every answer about health comes from. */
  readonly health: () => Health;
  readonly prometheus: Pick<Prometheus, 'text' | 'contentType'>;
  readonly log: FastifyBaseLogger;
  /** RUN_TOKEN: bearer token for whatever changes something: POST /run, POST /update, PUT /results, POST and DELETE /maintenance. Default: none is asked for. */
  readonly runToken?: string;
  /** Default: there is none, and nobody can begin one. */
  readonly maintenance?: MaintenanceControl;
  /** Instant of the suite's next scheduled run, ISO 8601. Default: there is no schedule. */
  readonly nextRun?: (suite: string) => string | undefined;
  /** True once shutdown has begun: /readyz says so. Default: never. */
  readonly isClosing?: () => boolean;
  /** The namespace a suite works in, for the page before its first run. */
  readonly namespaceOf?: (suite: string) => string;
  /** BASE_PATH, where a proxy serves us below one; without a slash at its end. Default: what the proxy says, or links that hold anywhere. */
  readonly basePath?: string;
  /** ALLOWED_HOSTS; see origin.ts. Default: none beside those that are ours for certain. */
  readonly allowedHosts?: readonly string[];
  /** CLUSTER_DOMAIN. Default: cluster.local. */
  readonly clusterDomain?: string;
  /** The fault switches, when the cluster is the sandbox. */
  readonly sandbox?: FaultSwitches;
  /** Default: the system's clock. */
  readonly now?: () => Date;
}
