import type { KubernetesObject } from '@kubernetes/client-node';
import { kindsLeft } from '../../uses.ts';
import { wordOf } from '../client/served.ts';
import type { ClusterView } from '../kinds/cluster-view.ts';
import type { ObjectKind } from '../kinds/kind.ts';
import { OwnedObject } from '../kinds/owned-object.ts';
import { managedBy, ourName, runLabel, runOf } from '../kinds/ownership.ts';

type AnyKind = ObjectKind<KubernetesObject>;

/**
 * Removes what dead runs left of the kinds that the suite declares. We hold the lock of the namespace, so every run whose id is on an object
 * there, and is not ours, is dead. What was declared last goes first, as in a clean-up.
 */
export async function recoverLeftovers(view: ClusterView): Promise<void> {
  const kinds = kindsLeft(view.scope.suite.uses) as readonly AnyKind[];
  const left = await Promise.all(kinds.map(async (kind) => ({ kind, items: await leftoversOf(view, kind) })));
  for (const { kind, items } of left.toReversed()) await Promise.all(items.map((item) => clear(view, kind, item)));
}

async function leftoversOf(view: ClusterView, kind: AnyKind): Promise<readonly KubernetesObject[]> {
  const found = kind.named ? await readNamed(view, kind, kind.named(view)) : await listLabelled(view, kind);
  return found.filter((item) => runOf(item) && runOf(item) !== view.scope.id);
}

async function readNamed(view: ClusterView, kind: AnyKind, name: string): Promise<readonly KubernetesObject[]> {
  const there = await new OwnedObject(view, kind, name).read();
  return there ? [there] : [];
}

async function listLabelled(view: ClusterView, kind: AnyKind): Promise<readonly KubernetesObject[]> {
  const query = { namespace: view.namespace, labelSelector: `${managedBy}=${ourName},${runLabel}` };
  const list = await view.call(`list leftover ${wordOf(kind)}s`, (signal) => view.api.list(kind, query, signal));
  return list.items;
}

async function clear(view: ClusterView, kind: AnyKind, item: KubernetesObject): Promise<void> {
  const object = new OwnedObject(view, kind, item.metadata?.name ?? '');
  object.latest = item;
  await object.delete();
  await object.isGone();
  view.recovered.push(object.ref);
}
