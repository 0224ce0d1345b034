/** What of the configuration the probes need. */

export interface ProbeOptions {
  /** DNS_SERVERS; empty: the system's. */
  readonly dnsServers: readonly string[];
  /** PROBE_PROXY */
  readonly proxy?: string;
  readonly eventTimeoutMs: number;
  /** Whether this process runs in a pod, and so uses the cluster's DNS without being told. */
  readonly inCluster: boolean;
  /** DNS_EXTERNAL_NAME */
  readonly externalName?: string;
  /** CLUSTER_DOMAIN */
  readonly clusterDomain?: string;
}
