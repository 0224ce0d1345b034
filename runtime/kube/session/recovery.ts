import type { KubernetesObject } from '@kubernetes/client-node';
import { configMaps, deployments, namespaces, type ObjectKind, services } from '../kinds/kind-rows.ts';
import { OwnedObject } from './owned.ts';
import { managedBy, ourName, runLabel, runOf } from './ownership.ts';
import type { KubeSession } from './session.ts';

/**
 * Removes what dead runs left. We hold the lock of the namespace, so every run whose id is on an object there, and is
 * not ours, is dead.
 */
export async function recoverLeftovers(session: KubeSession): Promise<void> {
  if (!session.needsNamespace) return recoverNamespace(session);
  await Promise.all([
    recoverKind(session, deployments as ObjectKind<KubernetesObject>),
    recoverKind(session, services as ObjectKind<KubernetesObject>),
    recoverKind(session, configMaps as ObjectKind<KubernetesObject>),
  ]);
}

async function recoverKind(session: KubeSession, kind: ObjectKind<KubernetesObject>): Promise<void> {
  const labelSelector = `${managedBy}=${ourName},${runLabel}`;
  const list = await session.call(`list leftover ${kind.kind}s`, (options) =>
    kind.list(session.apis, session.namespace, { labelSelector }, options),
  );
  await Promise.all(
    list.items.filter((item) => runOf(item) !== session.scope.id).map((item) => clear(session, kind, item)),
  );
}

async function recoverNamespace(session: KubeSession): Promise<void> {
  const kind = namespaces as ObjectKind<KubernetesObject>;
  const object = new OwnedObject(session, kind, session.namespace);
  const there = await object.read();
  if (there && runOf(there) && runOf(there) !== session.scope.id) await clear(session, kind, there);
}

async function clear(session: KubeSession, kind: ObjectKind<KubernetesObject>, item: KubernetesObject): Promise<void> {
  const object = new OwnedObject(session, kind, item.metadata?.name ?? '');
  object.latest = item;
  await object.delete();
  await object.isGone();
  session.recovered.push(object.ref);
}
