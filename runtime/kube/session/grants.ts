/** What every suite that asks the API server needs besides its kinds: its lock, and what evidence is made of. */
import type { Requirement } from '../../model/suite.ts';
import type { Grant, Use } from '../../model/use.ts';
import { grantsOf, needsApi, needsNamespace } from '../../uses.ts';

const lock: readonly Grant[] = [
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['create'] },
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'update', 'delete'], named: true },
];
const events: Grant = { group: '', resource: 'events', verbs: ['list'] };
const nodes: Grant = { group: '', resource: 'nodes', verbs: ['list'], scope: 'cluster' };

/** Every right that a suite needs, one verb, resource and name at most once. The lock of a suite without a namespace lies where the process is at home. */
export function allGrants(
  uses: readonly Use[],
  requires: readonly Pick<Requirement, 'grants'>[] = [],
): readonly Grant[] {
  const asked = requires.flatMap(({ grants = [] }) => grants).map((grant): Grant => ({ ...grant, scope: 'cluster' }));
  // What a failure is explained with is asked by every suite that has a session.
  const evidence = needsApi(uses) || requires.length > 0 ? [nodes] : [];
  const own = [...(needsApi(uses) ? lock : []), ...(needsNamespace(uses) ? [events] : []), ...evidence];
  const merged = new Map<string, Grant>();
  for (const grant of [...own, ...grantsOf(uses), ...asked]) {
    const { group, resource, scope, named } = grant;
    const key = [group, resource, scope === 'cluster', named].join(' ');
    const verbs = [...new Set([...(merged.get(key)?.verbs ?? []), ...grant.verbs])];
    merged.set(key, { ...grant, verbs });
  }
  return [...merged.values()];
}
