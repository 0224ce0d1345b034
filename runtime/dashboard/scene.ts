/** What the page is made from. */

import type { Store } from '../memory/store.ts';
import type { Health } from '../model/health.ts';
import type { MaintenanceControl } from '../model/maintenance.ts';
import type { Runner } from '../model/outcome.ts';
import type { ClusterIdentity } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';

/** A switch of the sandbox that breaks something on purpose. */
export interface FaultState {
  readonly name: string;
  readonly on: boolean;
  readonly description: string;
  /** What suites may notice. */
  readonly breaks?: string;
}

export interface FaultSwitches {
  list(): Promise<readonly FaultState[]>;
  set(name: string, on: boolean): Promise<unknown>;
}

export interface DashboardOptions {
  readonly store: Store;
  /** Which cluster is tested, as far as it is known by now. Default: it is not said. */
  readonly cluster?: () => ClusterIdentity;
  /** The same fold that /health answers with. */
  readonly health: () => Health;
  /** Those this process serves, in the order of the page. */
  readonly suites: readonly Suite[];
  /** Takes the page's runs, and says which have not ended. */
  readonly runner: Pick<Runner, 'start' | 'active'>;
  /** Default: there is none. */
  readonly maintenance?: Pick<MaintenanceControl, 'current'>;
  /** The namespace a suite works in before its first run says so. Default: none is shown. */
  readonly namespaceOf?: (suite: string) => string;
  /** When the suite runs next, ISO 8601; undefined where no schedule does. Default: never. */
  readonly nextRun?: (suite: string) => string | undefined;
  /** Set where POST /run asks for a token: the page then asks for it too. Compares in constant time. */
  readonly isTokenRight?: (token: string) => boolean;
  /** ALLOWED_HOSTS and CLUSTER_DOMAIN: where forms may come from. */
  readonly allowedHosts?: readonly string[];
  readonly clusterDomain?: string;
  /** The fault switches, when the cluster is the sandbox. */
  readonly sandbox?: FaultSwitches;
  /** Default: the system's clock. */
  readonly now?: () => Date;
}

/** One rendering: the options, and everything that must agree with itself on one page. */
export interface Scene {
  readonly options: DashboardOptions;
  readonly store: Store;
  readonly health: Health;
  readonly now: Date;
}

export function sceneOf(options: DashboardOptions): Scene {
  return { options, store: options.store, health: options.health(), now: options.now?.() ?? new Date() };
}
