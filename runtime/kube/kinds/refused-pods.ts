import { refusalIn } from '../../blame/refusals.ts';
import { Defect } from '../../defects.ts';
import type { ClusterView } from './cluster-view.ts';
import { events } from './core-event.ts';

const most = 50;

/** Controllers without a condition for it tell of pods that they may not make by events alone. Undefined: they tell of none. */
export async function refusedPods(view: ClusterView, title: string, name: string): Promise<Defect | undefined> {
  const { namespace, api } = view;
  const query = { namespace, fieldSelector: `involvedObject.name=${name},reason=FailedCreate`, limit: most };
  const list = await view
    .call(`list events of ${title}`, (signal) => api.list(events, query, signal))
    .catch(() => undefined);
  const message = list?.items.at(-1)?.message;
  if (!message) return undefined;
  const blame = refusalIn(message)?.blame ?? 'cluster';
  return new Defect('k8s.replica_failure', `${title}: the controller cannot make pods: ${message}`, { blame });
}
