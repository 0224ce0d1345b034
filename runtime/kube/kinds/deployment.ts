import type { V1Deployment } from '@kubernetes/client-node';
import type { Resource } from '../../model/resource.ts';
import { OwnedObject } from '../session/owned.ts';
import { kubeSession } from '../session/session.ts';
import { deployments } from './kind-rows.ts';
import { TestDeployment } from './test-deployment.ts';

/** The test deployment; named TEST_DEPLOYMENT, TEST_REPLICAS pods that anti-affinity keeps apart. Needs its ConfigMap. */
export function deployment(): Resource<TestDeployment> {
  return {
    bind(bound) {
      const session = kubeSession(bound);
      const object = new OwnedObject<V1Deployment>(session, deployments, session.objects.deployment);
      return {
        ref: object.ref,
        create: async () => {
          const created = new TestDeployment(session, object, session.scope.id);
          await created.create();
          return created;
        },
        ensure: async () => {
          const ensured = new TestDeployment(session, object, undefined);
          await ensured.ensure();
          return ensured;
        },
        remove: (signal) => object.remove(signal),
      };
    },
  };
}
