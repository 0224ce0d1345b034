/** Who owns which field: metadata.managedFields. */
import type { KubeObject, ManagedFields } from '../../store/objects.ts';
import { type FieldSet, fieldsOf, fromFieldsV1, toFieldsV1, valueAt } from './fields.ts';

export interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  subresource?: string;
}

export interface Owned extends Owner {
  apiVersion: string;
  time?: string;
  fields: FieldSet;
}

export function readManagers(entries: readonly ManagedFields[] | undefined): Owned[] {
  return (entries ?? []).map(({ fieldsV1, fieldsType, ...entry }) => ({ ...entry, fields: fromFieldsV1(fieldsV1) }));
}

export function writeManagers(owners: readonly Owned[]): ManagedFields[] {
  return owners
    .filter(({ fields }) => fields.size > 0)
    .map(({ fields, ...entry }) => ({ ...entry, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(fields) }));
}

export const isOwner = (a: Owner, b: Owner): boolean =>
  a.manager === b.manager && a.operation === b.operation && (a.subresource ?? '') === (b.subresource ?? '');

/** After a write that was no apply: what it changed is its manager's, and nobody else's. Returns the new managedFields. */
export function afterUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  owner: Owner,
  time: string,
): ManagedFields[] {
  const fields = fieldsOf(after);
  const differs = (path: string) => JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(after, path));
  const changed = new Set([...fields].filter(differs));
  const owners = readManagers(before?.metadata.managedFields);
  const mine = owners.find((one) => isOwner(one, owner));
  const next = owners.map((one) => {
    const kept = [...one.fields].filter((path) => fields.has(path) && (one === mine || !changed.has(path)));
    return { ...one, fields: new Set(kept) };
  });
  if (changed.size === 0) return writeManagers(next);
  const entry: Owned = { ...owner, apiVersion: after.apiVersion, time, fields: changed };
  if (!mine) return writeManagers([...next, entry]);
  const merged = next.map((one) =>
    isOwner(one, owner) ? { ...entry, fields: new Set([...one.fields, ...changed]) } : one,
  );
  return writeManagers(merged);
}
