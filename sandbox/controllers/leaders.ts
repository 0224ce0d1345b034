/** The leases by which scheduler and controller manager show that one of them leads. */
import type { Cluster } from '../cluster.ts';
import type { FaultName } from '../faults/catalogue.ts';

const namespace = 'kube-system';

interface Leader {
  readonly name: string;
  /** With it nobody leads. */
  readonly stoppedBy?: FaultName;
}

const leaders: readonly Leader[] = [
  { name: 'kube-scheduler', stoppedBy: 'scheduler-down' },
  { name: 'kube-controller-manager' },
];

export function startLeaders(cluster: Cluster): void {
  const { faults, timers, timing } = cluster;
  const renew = (): void => {
    for (const { name, stoppedBy } of leaders) if (!stoppedBy || !faults.on(stoppedBy)) renewLease(cluster, name);
  };
  renew();
  timers.every(timing.leaseMs, renew);
}

function renewLease({ store, now }: Cluster, name: string): void {
  const renewTime = `${new Date(now()).toISOString().slice(0, -1)}000Z`;
  const spec = { holderIdentity: `${name}_sandbox`, leaseDurationSeconds: 15, renewTime };
  const renewed = store.change('leases', { name, namespace }, (lease) => {
    lease.spec = spec;
  });
  if (renewed) return;
  const metadata = { name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' };
  store.create('leases', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
}
