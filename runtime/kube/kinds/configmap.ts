import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Resource } from '../../model/resource.ts';
import { OwnedObject } from '../session/owned.ts';
import { kubeSession } from '../session/session.ts';
import { configMaps } from './kind-rows.ts';
import { configMapManifest, standardPage } from './test-objects.ts';

export interface ConfigMapHandle {
  /** DELETE. Begins a wait. Raises api.*. */
  delete(): Promise<void>;
  /** Resolves when it is gone. Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/** The ConfigMap with nginx.conf and the page that the test pods serve; named TEST_DEPLOYMENT. `page` defaults to the standard page. */
export function configMap({ page = standardPage }: { page?: string } = {}): Resource<ConfigMapHandle> {
  return {
    bind(bound) {
      const session = kubeSession(bound);
      const object = new OwnedObject<V1ConfigMap>(session, configMaps, session.objects.deployment);
      const manifest = (runId?: string) => configMapManifest(session.objects, session.namespace, page, runId);
      return {
        ref: object.ref,
        create: async () => {
          await object.create(manifest(session.scope.id));
          return object;
        },
        ensure: async () => {
          await object.apply(manifest());
          return object;
        },
        remove: (signal) => object.remove(signal),
      };
    },
  };
}
