/** What every suite that asks the API server needs besides its kinds: its lock, and what evidence is made of. */
import type { Grant, Use } from '../../model/use.ts';
import { grantsOf, needsApi, needsNamespace } from '../../uses.ts';

const lock: readonly Grant[] = [
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['create'] },
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'update', 'delete'], named: true },
];
const events: Grant = { group: '', resource: 'events', verbs: ['list'] };
const nodes: Grant = { group: '', resource: 'nodes', verbs: ['list'], scope: 'cluster' };

/** Every right that a suite needs, one verb, resource and name at most once. The lock of a suite without a namespace lies where the process is at home. */
export function allGrants(uses: readonly Use[]): readonly Grant[] {
  if (!needsApi(uses)) return [];
  const own = [...lock, ...(needsNamespace(uses) ? [events] : []), nodes];
  const merged = new Map<string, Grant>();
  for (const grant of [...own, ...grantsOf(uses)]) {
    const { group, resource, scope, named } = grant;
    const key = [group, resource, scope, named].join(' ');
    const verbs = [...new Set([...(merged.get(key)?.verbs ?? []), ...grant.verbs])];
    merged.set(key, { ...grant, verbs });
  }
  return [...merged.values()];
}
