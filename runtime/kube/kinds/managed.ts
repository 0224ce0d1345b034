/** What a builder of the door returns, made of what a kind does. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Creatable, Resource } from '../../model/resource.ts';
import type { Session } from '../../model/session-contract.ts';
import type { ClusterView } from './cluster-view.ts';
import type { OwnedObject } from './owned-object.ts';

interface Made<T extends KubernetesObject, H> {
  readonly object: OwnedObject<T>;
  create(): Promise<H>;
}

interface Kept<T extends KubernetesObject, H> extends Made<T, H> {
  ensure(): Promise<H>;
}

/** Of a kind that can be made, and applied again and again. */
export function managed<T extends KubernetesObject, H>(open: (view: ClusterView) => Kept<T, H>): Resource<H> {
  return {
    bind(session) {
      const { object, create, ensure } = open(viewOf(session));
      return { ref: object.ref, create, ensure, remove: (signal) => object.remove(signal) };
    },
  };
}

/** Of a kind that cannot be applied again. */
export function made<T extends KubernetesObject, H>(open: (view: ClusterView) => Made<T, H>): Creatable<H> {
  return {
    bind(session) {
      const { object, create } = open(viewOf(session));
      return { ref: object.ref, create, remove: (signal) => object.remove(signal) };
    },
  };
}

/** The view behind the session that run/ knows. */
export function viewOf(session: Session | undefined): ClusterView {
  if (session && 'api' in session) return session as unknown as ClusterView;
  throw new Defect('run.defect', 'This needs the cluster: add its kind to the `uses` of the suite');
}
