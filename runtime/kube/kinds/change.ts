import type { KubernetesObject } from '@kubernetes/client-node';
import type { OwnedObject } from './owned-object.ts';

/** Changes a part of what we made, and of nothing that has its name now: a merge patch. Begins a wait. Raises api.*. */
export async function change<T extends KubernetesObject>(object: OwnedObject<T>, part: object): Promise<void> {
  const { session, kind, ref, title, uid } = object;
  session.declared(kind, 'update');
  session.patience.begin();
  const place = { namespace: session.namespace, name: ref.name };
  const body = { ...part, metadata: { uid } };
  await session.call(`update ${title}`, (signal) => session.api.patch(kind, place, body, signal));
}
