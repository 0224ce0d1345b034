/** The rights of suites, and no more: what they declare in `uses` and `requires` as Roles and ClusterRoles. */
import { allGrants } from '../kube/session/grants.ts';
import { objectName } from '../kube/session/object-name.ts';
import type { Suite } from '../model/suite.ts';
import type { Grant } from '../model/use.ts';
import { needsNamespace } from '../uses.ts';
import { dashed, type KubeManifest, ownName } from './manifest.ts';
import { placeOf } from './suite-namespace.ts';

const group = 'rbac.authorization.k8s.io';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** One Role in the namespace of each suite. The locks of suites without one lie where the process is at home. */
export function roles(suites: readonly Suite[], home: string): readonly KubeManifest[] {
  const within = suites.filter(({ uses }) => needsNamespace(uses));
  const others = suites.filter(({ uses }) => !needsNamespace(uses));
  const places = [
    ...within.map((suite) => ({ namespace: placeOf(suite, home), of: [suite] })),
    { namespace: home, of: others },
  ];
  return places.flatMap(({ namespace, of }) => {
    const rules = rulesOf(of.flatMap((suite) => ruled(suite, home, (grant) => grant.scope !== 'cluster')));
    return rules.length === 0 ? [] : bound({ kind: 'Role', name: ownName, namespace, rules, home });
  });
}

/** What cannot be granted in a namespace: the nodes, for all of them, and what single suites need besides. */
export function clusterRoles(suites: readonly Suite[], home: string): readonly KubeManifest[] {
  const isCluster = ({ scope }: Grant) => scope === 'cluster';
  const isNodes = (grant: Grant) => isCluster(grant) && grant.resource === 'nodes' && grant.verbs.join() === 'list';
  const nodes = rulesOf(suites.flatMap((suite) => ruled(suite, home, isNodes)));
  return [
    ...(nodes.length > 0 ? bound({ kind: 'ClusterRole', name: `${home}-nodes`, rules: nodes, home }) : []),
    ...suites.flatMap((suite) => {
      const rules = rulesOf(ruled(suite, home, (grant) => isCluster(grant) && !isNodes(grant)));
      return rules.length === 0
        ? []
        : bound({ kind: 'ClusterRole', name: `${home}-${dashed(suite.name)}-suite`, rules, home });
    }),
  ];
}

function ruled(suite: Suite, home: string, isWanted: (grant: Grant) => boolean): readonly Rule[] {
  const place = placeOf(suite, home);
  // The names that we know. A name that only its kind knows is no part of a manifest.
  const nameOf = (resource: string) => ({ leases: objectName(ownName, place), namespaces: place })[resource];
  return allGrants(suite.uses, suite.requires)
    .filter(isWanted)
    .map(({ group: apiGroup, resource, verbs, named }) => ({
      apiGroups: [apiGroup],
      resources: [resource],
      ...(named && nameOf(resource) && { resourceNames: [nameOf(resource) as string] }),
      verbs,
    }));
}

/** Rules that differ in the resource alone, or in the name alone, are one. */
function rulesOf(rules: readonly Rule[]): readonly Rule[] {
  const merged: Rule[] = [];
  for (const rule of rules) {
    const at = merged.findIndex((one) => isSameBut(one, rule));
    const [one] = merged.slice(at, at + 1);
    if (at < 0 || !one) merged.push(rule);
    else merged[at] = joined(one, rule);
  }
  return merged;
}

function isSameBut(one: Rule, other: Rule): boolean {
  const sameGroup = one.apiGroups.join() === other.apiGroups.join() && one.verbs.join() === other.verbs.join();
  if (!sameGroup || Boolean(one.resourceNames) !== Boolean(other.resourceNames)) return false;
  return !one.resourceNames || one.resources.join() === other.resources.join();
}

function joined(one: Rule, other: Rule): Rule {
  const union = (a: readonly string[] = [], b: readonly string[] = []) => [...new Set([...a, ...b])];
  return {
    ...one,
    resources: union(one.resources, other.resources),
    ...(one.resourceNames && { resourceNames: union(one.resourceNames, other.resourceNames) }),
  };
}

interface Bound {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  readonly namespace?: string;
  readonly rules: readonly Rule[];
  readonly home: string;
}

function bound({ kind, name, namespace, rules, home }: Bound): readonly KubeManifest[] {
  const metadata = { name, ...(namespace && { namespace }) };
  return [
    { apiVersion: `${group}/v1`, kind, metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: group, kind, name },
      subjects: [{ kind: 'ServiceAccount', name: ownName, namespace: home }],
    },
  ];
}
