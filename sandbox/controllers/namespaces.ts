/** The namespace controller: what every new namespace gets, and the end of a deleted one. */
import { createObject } from '../admission/create.ts';
import { deleteObject } from '../admission/deletion.ts';
import type { Cluster } from '../cluster.ts';
import type { Condition } from '../store/objects.ts';
import { qualified, resources } from '../store/resources.ts';
import { setCondition } from './conditions.ts';
import { createQueue } from './queue.ts';

export function startNamespaces(cluster: Cluster): void {
  const { store, faults, timers, timing } = cluster;

  const queue = createQueue(
    cluster,
    (name) => {
      const namespace = store.get('namespaces', name);
      if (!namespace) return;
      if (!namespace.metadata.deletionTimestamp) return addDefaults(cluster, name);
      if (faults.on('namespace-stuck')) return;
      const remaining = empty(cluster, name);
      writeConditions(cluster, name, remaining);
      if (remaining.length === 0) timers.after(timing.namespaceMs, () => finish(name));
    },
    timing.reconcileMs,
  );

  const finish = (name: string): void => {
    if (!store.get('namespaces', name)?.metadata.deletionTimestamp || faults.on('namespace-stuck')) return;
    if (empty(cluster, name).length > 0) {
      queue.add(name);
      return;
    }
    store.change('namespaces', { name }, ({ spec }) => {
      spec.finalizers = (spec.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes');
    });
  };

  store.subscribe(({ plural, type, object }) => {
    if (plural === 'namespaces' && type !== 'DELETED') queue.add(object.metadata.name);
    if (type === 'DELETED' && object.metadata.namespace && plural !== 'events') queue.add(object.metadata.namespace);
  });
  faults.onChange(() => {
    for (const { metadata } of store.list('namespaces')) queue.add(metadata.name);
  });
}

/** What a real cluster says of the end of a namespace. */
function writeConditions(cluster: Cluster, name: string, remaining: readonly string[]): void {
  const { store, now } = cluster;
  const held = finalizersIn(cluster, name);
  const some = remaining.length > 0;
  const content = some
    ? condition(
        'NamespaceContentRemaining',
        'SomeResourcesRemain',
        `Some resources are remaining: ${remaining.join(', ')}`,
        some,
      )
    : condition('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed');
  const parsed = 'All legacy kube types successfully parsed';
  const deleted = 'All content successfully deleted, may be waiting on finalization';
  const conditions: Condition[] = [
    condition('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', parsed),
    condition('NamespaceDeletionContentFailure', 'ContentDeleted', deleted),
    content,
    finalizing(held),
  ];
  store.change('namespaces', { name }, ({ status }) => {
    for (const one of conditions) status.conditions = setCondition(status.conditions, one, now());
  });
}

function finalizing(held: ReadonlyMap<string, number>): Condition {
  const type = 'NamespaceFinalizersRemaining';
  if (held.size === 0) return condition(type, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished');
  const counts = [...held].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  const message = `Some content in the namespace has finalizers remaining: ${counts.sort().join(', ')}`;
  return condition(type, 'SomeFinalizersRemain', message, true);
}

/** How many objects each finalizer holds. */
function finalizersIn({ store }: Cluster, namespace: string): Map<string, number> {
  const held = new Map<string, number>();
  const objects = resources.filter((one) => one.namespaced).flatMap(({ plural }) => store.list(plural, namespace));
  for (const finalizer of objects.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
    held.set(finalizer, (held.get(finalizer) ?? 0) + 1);
  }
  return held;
}

const condition = (type: string, reason: string, message: string, yes = false): Condition => ({
  type,
  status: yes ? 'True' : 'False',
  reason,
  message,
});

function addDefaults(cluster: Cluster, namespace: string): void {
  const { store } = cluster;
  if (!store.get('serviceaccounts', 'default', namespace)) {
    createObject(cluster, 'serviceaccounts', { metadata: { name: 'default', namespace } });
  }
  if (!store.get('configmaps', 'kube-root-ca.crt', namespace)) {
    createObject(cluster, 'configmaps', {
      metadata: { name: 'kube-root-ca.crt', namespace },
      data: { 'ca.crt': cluster.ca },
    });
  }
}

/** Deletes everything in it; returns what is still there, in the words of the condition. */
function empty(cluster: Cluster, namespace: string): string[] {
  const remaining: string[] = [];
  for (const resource of resources) {
    if (!resource.namespaced) continue;
    for (const object of cluster.store.list(resource.plural, namespace)) {
      if (!object.metadata.deletionTimestamp) deleteObject(cluster, resource.plural, object);
    }
    const left = cluster.store.list(resource.plural, namespace).length;
    const name = resource.group === '' ? `${resource.plural}.` : qualified(resource);
    if (left > 0) remaining.push(`${name} has ${left} resource instances`);
  }
  return remaining;
}
