/** Those of whom one leads at a time, by its lease: https://kubernetes.io/docs/concepts/architecture/leases. */
import type { V1Lease } from '@kubernetes/client-node';
import type { Served } from '../client/served.ts';
import { instant } from './views.ts';

const kind: Served<V1Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' };

export const leaders = {
  kind,
  namespace: 'kube-system',
  /** Their leases are named as they are. */
  names: ['kube-scheduler', 'kube-controller-manager'] as readonly string[],
};

/** Of `first` those that say now what they said then. By no clock but that of whoever renews them. */
export function notRenewed(first: readonly V1Lease[], now: readonly V1Lease[]): readonly V1Lease[] {
  return first.filter(({ metadata, spec }) => {
    const there = now.find((one) => one.metadata?.name === metadata?.name);
    return instant(there?.spec?.renewTime) === instant(spec?.renewTime);
  });
}
