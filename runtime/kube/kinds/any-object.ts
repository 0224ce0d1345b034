/** What has no room of its own: any object, by its manifest. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { Resource } from '../../model/resource.ts';
import type { Kind } from '../../model/use.ts';
import type { Look } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { anyKind, type ObjectKind } from './kind.ts';
import { managed } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';

/** A manifest as kubectl takes it; its namespace is the run's own. */
export interface Manifest extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** What is waited for on an object: conditionally done, in words. */
export interface ObjectState {
  readonly words: string;
  look(object: KubernetesObject | undefined): Look<void>;
}

export interface ObjectHandle {
  readonly name: string;
  /** As the API server gave it last. */
  readonly latest: KubernetesObject | undefined;
  /** Raises api.not_found. */
  exists(): Promise<KubernetesObject>;
  /** Waits on a watch until its state is this one: `until(condition('Available'))`. Raises timeout.events. */
  until(state: ObjectState): Promise<void>;
  /** DELETE. Begins a wait. Raises api.*. */
  delete(): Promise<void>;
  /** Resolves when it is gone. Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

/**
 * Any object: `object({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web' }, spec })`. Its kind must be in the
 * suite's `uses`: `makes(kindOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' }))`.
 */
export function object(manifest: Manifest): Resource<ObjectHandle> {
  return managed((view) => {
    const { name, labels } = manifest.metadata;
    const owned = new OwnedObject<KubernetesObject>(view, declaredKind(view, manifest), name);
    const body = (runId?: string): KubernetesObject => ({
      ...manifest,
      metadata: {
        ...manifest.metadata,
        ...(owned.kind.scope !== 'cluster' && { namespace: view.namespace }),
        labels: { ...labels, ...ourLabels(runId, view.objects.labels) },
      },
    });
    const handle: ObjectHandle = {
      name,
      get latest() {
        return owned.latest;
      },
      exists: () => owned.exists(),
      until: (state) => reaches(view, owned, state),
      delete: () => owned.delete(),
      isGone: () => owned.isGone(),
    };
    return {
      object: owned,
      create: async () => {
        await owned.create(body(view.scope.id));
        return handle;
      },
      ensure: async () => {
        await owned.apply(body());
        return handle;
      },
    };
  });
}

/** Of its status: `condition('Available')`, `condition('Ready', 'False')`. */
export function condition(name: string, status: 'True' | 'False' | 'Unknown' = 'True'): ObjectState {
  return {
    words: `condition ${name} is ${status}`,
    look(seen) {
      const { conditions = [] } = (seen as Conditioned | undefined)?.status ?? {};
      const found = conditions.find(({ type }) => type === name);
      if (found?.status === status) return { done: true, value: undefined };
      if (!seen) return { done: false, why: 'it is not there' };
      const said = [found?.reason, found?.message].filter(Boolean).join(': ');
      return {
        done: false,
        why: found ? `${name} is ${found.status}${said ? ` (${said})` : ''}` : `it has no condition ${name}`,
      };
    },
  };
}

interface Conditioned {
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** A kind that has no room: `kindOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' })`. */
export function kindOf(served: Pick<Kind, 'apiVersion' | 'kind' | 'plural' | 'scope'>): ReturnType<typeof anyKind> {
  return anyKind(served);
}

function declaredKind(view: ClusterView, { apiVersion, kind }: Manifest): ObjectKind<KubernetesObject> {
  const declared = view.scope.suite.uses.find((use) => use.kind.kind === kind && use.kind.apiVersion === apiVersion);
  if (declared) return declared.kind as ObjectKind<KubernetesObject>;
  const how = `makes(kindOf({ apiVersion: '${apiVersion}', kind: '${kind}', plural: '…' }))`;
  throw new Defect(
    'run.defect',
    `Suite ${view.scope.suite.name} touches a ${kind} and does not say so: add ${how} to its uses`,
  );
}

async function reaches(view: ClusterView, owned: OwnedObject<KubernetesObject>, state: ObjectState): Promise<void> {
  const watched = await owned.watch(owned.latest);
  await view.wait(
    watched,
    ([seen]) => state.look(seen),
    (why, _, afterMs) => ({
      code: 'timeout.events',
      message: `${owned.title}: expected that ${state.words}, after ${seconds(afterMs)} ${why}`,
      options: { object: owned.ref },
    }),
  );
  watched.stop();
}
