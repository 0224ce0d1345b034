/** Why something of ours cannot be written where it is to be. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { ObjectRef } from '../../model/object-ref.ts';
import type { Kind } from '../../model/use.ts';
import type { ApiFailure } from '../client/errors.ts';
import type { ClusterView } from './cluster-view.ts';
import { isOurs, runOf } from './ownership.ts';
import { missingNamespace } from './test-namespace.ts';

interface Refused {
  readonly session: ClusterView;
  readonly kind: Kind;
  readonly ref: ObjectRef;
}

/** The defect that it stands for: the namespace, the API itself, or what the server says. */
export function refusedWrite(failure: ApiFailure, { session, kind, ref }: Refused, request: string): Defect {
  // Of no object: nobody serves that path.
  if (failure.status !== 404 || failure.about) return missingNamespace(failure, session.namespace, request);
  const { plural, apiVersion } = kind;
  const why = `the API server does not serve ${plural} of ${apiVersion}: ${failure.message}`;
  return new Defect('k8s.prerequisite_missing', `${request}: ${why}`, { object: ref });
}

/** Somebody has the name. Undefined: it is of a dead run, and is cleared away. */
export function whyNotCleared(session: ClusterView, { scope }: Kind, there: KubernetesObject): string | undefined {
  if (!isOurs(there)) return 'and is not ours: remove it, or choose another name or namespace for the tests';
  const isGoing = there.metadata?.deletionTimestamp !== undefined;
  if (!runOf(there) && !isGoing) return 'and is kept by another suite: give each suite a namespace of its own';
  const ageMs = Date.now() - new Date(there.metadata?.creationTimestamp ?? 0).getTime();
  if (scope !== 'cluster' || isGoing || session.tookOver || ageMs >= session.longestRunMs) return undefined;
  // The lock of a suite without a namespace lies where its process is at home: another home has another lock. One that is being
  // deleted is nobody's any more: it is waited for, as when the run before gave up on it.
  return 'and may be of a run under way in another process: give each a TEST_NAMESPACE of its own';
}
