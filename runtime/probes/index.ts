/** What observes the cluster from outside, bound to one run. */
import type { DnsProbe, HttpProbe, RunScope } from '../model.ts';
import { createDnsProbe } from './dns.ts';
import { createHttpProbe } from './http.ts';

export interface ProbeOptions {
  /** DNS_SERVERS; empty: the system's. */
  readonly dnsServers: readonly string[];
  /** PROBE_PROXY */
  readonly proxy?: string;
  readonly eventTimeoutMs: number;
  /** Whether this process runs in a pod, and so uses the cluster's DNS without being told. */
  readonly inCluster: boolean;
  /** CLUSTER_DOMAIN */
  readonly clusterDomain?: string;
}

export interface Probes {
  readonly http: HttpProbe;
  readonly dns: DnsProbe;
  close(): Promise<void>;
}

export function createProbes(scope: RunScope, options: ProbeOptions): Probes {
  const http = createHttpProbe(scope, options);
  return { http, dns: createDnsProbe(scope, options), close: () => http.close() };
}
