/** Grants of the manifests, and whether a request is one of them. */
import type { Manifest } from './manifests.ts';
import type { ApiRequest } from './requests.ts';

export interface Grant {
  /** Undefined: in the whole cluster. */
  readonly namespace?: string;
  readonly resource: string;
  readonly verb: string;
  readonly name?: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** One by one: a grant is one verb on one resource, of one name where it has names. */
export function grantsOf(manifests: readonly Manifest[]): readonly Grant[] {
  return manifests
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({ metadata: { namespace }, rules }) =>
      (rules as readonly Rule[]).flatMap(({ apiGroups, resources, verbs, resourceNames = [undefined] }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            verbs.flatMap((verb) =>
              resourceNames.map((name) => ({ namespace, resource: `${group}/${resource}`, verb, name })),
            ),
          ),
        ),
      ),
    );
}

/** A cluster-wide grant is used where no grant in the request's namespace covers it. */
export function usedGrants(grants: readonly Grant[], requests: readonly ApiRequest[]): ReadonlySet<Grant> {
  const used = new Set<Grant>();
  for (const request of requests) {
    const fitting = grants.filter((grant) => covers(grant, request));
    const near = fitting.filter(({ namespace }) => namespace !== undefined);
    for (const grant of near.length > 0 ? near : fitting) used.add(grant);
  }
  return used;
}

export function textOf({ namespace, resource, verb, name }: Grant): string {
  return [namespace ?? 'the cluster', verb, resource + (name ? `/${name}` : '')].join(' ');
}

function covers(grant: Grant, { namespace, resource, verb, name }: ApiRequest): boolean {
  const where = grant.namespace === undefined || grant.namespace === namespace;
  return (
    where && grant.resource === resource && grant.verb === verb && (grant.name === undefined || grant.name === name)
  );
}
