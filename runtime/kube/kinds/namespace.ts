import type { V1Namespace } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Grant } from '../../model/use.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { objectKind } from './kind.ts';
import { made } from './managed.ts';
import { OwnedObject } from './owned-object.ts';
import { namespaceManifest } from './test-namespace.ts';
import { conditionViews, instant } from './views.ts';

/** What "is empty" looks for: into a namespace that no Role can exist in yet. */
const inside: readonly Served[] = [
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
];

const listInside: readonly Grant[] = [
  { group: '', resource: 'pods', verbs: ['list'], scope: 'cluster' },
  { group: '', resource: 'services', verbs: ['list'], scope: 'cluster' },
  { group: 'apps', resource: 'deployments', verbs: ['list'], scope: 'cluster' },
];
/** A create cannot be limited by name; the others can, for requests with fieldSelector metadata.name=…, which ours have. */
const makeIt: readonly Grant[] = [
  { group: '', resource: 'namespaces', verbs: ['create'], scope: 'cluster' },
  { group: '', resource: 'namespaces', verbs: ['get', 'list', 'watch', 'delete'], scope: 'cluster', named: true },
];

const served: Served<V1Namespace> = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'cluster' };

export const namespaces = objectKind<V1Namespace>()({
  ...served,
  grants: { makes: [...makeIt, ...listInside] },
  quota: {},
  named: ({ namespace }) => namespace,
  async evidence(view, ask) {
    const place = { namespace: '', name: view.namespace };
    const found = await ask('get namespace', (signal) => view.api.get(served, place, signal));
    if (!found) return {};
    return {
      namespace: {
        name: view.namespace,
        phase: found.status?.phase ?? '',
        conditions: conditionViews(found.status?.conditions),
        deletedAt: instant(found.metadata?.deletionTimestamp),
      },
    };
  },
});

export interface NamespaceHandle {
  /** Raises api.not_found. */
  exists(): Promise<unknown>;
  /** Finds no pods, services or deployments in it. Raises k8s.not_empty. */
  isEmpty(): Promise<void>;
  delete(): Promise<void>;
  /** Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/** The run's own test namespace. It is made and deleted; it is not kept. */
function make(): Creatable<NamespaceHandle> {
  return made((view) => {
    const object = new OwnedObject<V1Namespace>(view, namespaces, view.namespace);
    const handle: NamespaceHandle = {
      exists: () => object.exists(),
      isEmpty: () => isEmpty(view),
      delete: () => object.delete(),
      isGone: () => object.isGone(),
    };
    return {
      object,
      create: async () => {
        await object.create(namespaceManifest(view.namespace, view.objects.labels, view.scope.id));
        return handle;
      },
    };
  });
}

export const namespace = Object.assign(make, { kind: namespaces });

/** What controllers put into every namespace (service accounts, their tokens, CA bundles) does not count. */
async function isEmpty(view: ClusterView): Promise<void> {
  const query = { namespace: view.namespace, limit: 10 };
  const there = await Promise.all(
    inside.map(async (kind) => {
      const list = await view.call(`list ${kind.plural}`, (signal) => view.api.list(kind, query, signal));
      return list.items.map((item) => ({ kind: kind.kind.toLowerCase(), name: item.metadata?.name ?? '' }));
    }),
  );
  throwFindings(
    there.flat().map(
      ({ kind, name }) =>
        new Defect('k8s.not_empty', `New namespace ${view.namespace} already holds ${kind}/${name}`, {
          object: { kind, name },
        }),
    ),
  );
}
