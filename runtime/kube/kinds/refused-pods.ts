import { refusalIn } from '../../blame/refusals.ts';
import { Defect } from '../../defects.ts';
import type { ClusterView } from './cluster-view.ts';
import { events } from './core-event.ts';

const most = 50;

/**
 * Controllers without a condition for it say by events alone that they may not make pods. `uid`: of the very object; events of one that had its
 * name before stay for an hour. Undefined: they say nothing.
 */
export async function refusedPods(view: ClusterView, title: string, uid: string): Promise<Defect | undefined> {
  const { namespace, api } = view;
  const query = { namespace, fieldSelector: `involvedObject.uid=${uid},reason=FailedCreate`, limit: most };
  const list = await view
    .call(`list events of ${title}`, (signal) => api.list(events, query, signal))
    .catch(() => undefined);
  const message = list?.items.at(-1)?.message;
  if (!message) return undefined;
  const blame = refusalIn(message)?.blame ?? 'cluster';
  return new Defect('k8s.replica_failure', `${title}: the controller cannot make pods: ${message}`, { blame });
}
