/** How a cluster is named to people: on the command line, in the log, in reports. Pure. */
import type { ClusterIdentity } from '../model/result.ts';

/** `prod at https://10.0.0.1:6443, Kubernetes v1.34.1` */
export function renderCluster({ name, server, version }: ClusterIdentity): string {
  return `${name} at ${server === 'unknown' ? 'an address not known yet' : server}, ${renderVersion(version)}`;
}

/** `Kubernetes v1.34.1`, or that it has not said it. */
export function renderVersion(version: string): string {
  return version === 'unknown' ? 'version unknown' : `Kubernetes ${version}`;
}
