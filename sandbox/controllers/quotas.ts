/** The quota controller: what is used, in each ResourceQuota's status. */
import { formatUsage, usedIn } from '../admission/quota.ts';
import type { Cluster } from '../cluster.ts';
import { createQueue } from './queue.ts';

export function startQuotas(cluster: Cluster): void {
  const { store, timing } = cluster;
  const queue = createQueue(
    cluster,
    (namespace) => {
      for (const quota of store.list('resourcequotas', namespace)) {
        const hard = quota.spec.hard ?? {};
        const used = usedIn(cluster, namespace, Object.keys(hard));
        store.change('resourcequotas', quota.metadata, ({ status }) => {
          status.hard = { ...hard };
          status.used = Object.fromEntries(Object.keys(hard).map((key) => [key, formatUsage(key, used[key])]));
        });
      }
    },
    timing.reconcileMs,
  );
  store.subscribe(({ object }) => {
    const { namespace } = object.metadata;
    if (namespace && store.list('resourcequotas', namespace).length > 0) queue.add(namespace);
  });
}
