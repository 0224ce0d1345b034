import type { V1Namespace } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { Resource } from '../../model/resource.ts';
import { namespaceManifest } from '../session/namespaces.ts';
import { OwnedObject } from '../session/owned.ts';
import { type KubeSession, kubeSession } from '../session/session.ts';
import { namespaces } from './kind-rows.ts';

export interface NamespaceHandle {
  /** Raises api.not_found. */
  exists(): Promise<unknown>;
  /** Finds no pods, services or deployments in it. Raises k8s.not_empty. */
  isEmpty(): Promise<void>;
  delete(): Promise<void>;
  /** Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/** The run's own test namespace; only `use` makes sense of it. */
export function namespace(): Resource<NamespaceHandle> {
  return {
    bind(bound) {
      const session = kubeSession(bound);
      const object = new OwnedObject<V1Namespace>(session, namespaces, session.namespace);
      const handle: NamespaceHandle = {
        exists: () => object.exists(),
        isEmpty: () => isEmpty(session),
        delete: () => object.delete(),
        isGone: () => object.isGone(),
      };
      return {
        ref: object.ref,
        create: async () => {
          await object.create(namespaceManifest(session.namespace, session.objects.labels, session.scope.id));
          return handle;
        },
        ensure: async () => {
          await object.apply(namespaceManifest(session.namespace, session.objects.labels));
          return handle;
        },
        remove: (signal) => object.remove(signal),
      };
    },
  };
}

/** What controllers put into every namespace (service accounts, their tokens, CA bundles) does not count. */
async function isEmpty(session: KubeSession): Promise<void> {
  const { core, apps } = session.apis;
  const list = { namespace: session.namespace, limit: 10 };
  const [pods, services, deployments] = await Promise.all([
    session.call('list pods', (options) => core.listNamespacedPod(list, options)),
    session.call('list services', (options) => core.listNamespacedService(list, options)),
    session.call('list deployments', (options) => apps.listNamespacedDeployment(list, options)),
  ]);
  const there = [
    ...pods.items.map((item) => ({ kind: 'pod', name: item.metadata?.name ?? '' })),
    ...services.items.map((item) => ({ kind: 'service', name: item.metadata?.name ?? '' })),
    ...deployments.items.map((item) => ({ kind: 'deployment', name: item.metadata?.name ?? '' })),
  ];
  throwFindings(
    there.map(
      ({ kind, name }) =>
        new Defect('k8s.not_empty', `New namespace ${session.namespace} already holds ${kind}/${name}`, {
          object: { kind, name },
        }),
    ),
  );
}
