/** Server-side apply: the applied fields, merged into the object; conflicts with other managers; fields given up. */
import { Refusal } from '../../admission/status.ts';
import { copy } from '../../store/copy.ts';
import type { KubeObject } from '../../store/objects.ts';
import { type FieldSet, fieldsOf, pathText, removeAt, valueAt } from './fields.ts';
import { hasKey, type Item, isAtomic, isObject, isSet, itemKey, listKeys } from './lists.ts';
import { isOwner, type Owned, type Owner, readManagers, writeManagers } from './managers.ts';

export interface Apply {
  applied: KubeObject;
  manager: string;
  force: boolean;
  time: string;
}

/** The object after the apply. Throws the Refusal (409) that names every conflict unless `force`. */
export function applyPatch(live: KubeObject | undefined, { applied, manager, force, time }: Apply): KubeObject {
  const owner: Owner = { manager, operation: 'Apply' };
  const wanted = fieldsOf(applied);
  const owners = readManagers(live?.metadata.managedFields);
  const mine = owners.find((one) => isOwner(one, owner));
  const others = owners.filter((one) => one !== mine);
  const lost = live ? conflicts(live, applied, wanted, others) : [];
  if (lost.length > 0 && !force) throw refusal(lost);

  const result = live ? (copy(merge(live, applied)) as KubeObject) : copy(applied);
  for (const path of givenUp(mine, wanted, others)) removeAt(result, path);
  const taken = new Set(lost.map(({ path }) => path));
  const kept = others.map((one) => ({ ...one, fields: new Set([...one.fields].filter((path) => !taken.has(path))) }));
  const unchanged = mine && wanted.size === mine.fields.size && [...wanted].every((path) => mine.fields.has(path));
  const entry: Owned = {
    ...owner,
    apiVersion: applied.apiVersion,
    time: unchanged ? mine.time! : time,
    fields: wanted,
  };
  result.metadata.managedFields = writeManagers([...kept, entry]);
  return result;
}

interface Conflict {
  path: string;
  with: Owned;
}

/** Fields that somebody else owns and this apply would change. */
function conflicts(live: KubeObject, applied: KubeObject, wanted: FieldSet, others: readonly Owned[]): Conflict[] {
  return others.flatMap((other) =>
    [...wanted]
      .filter((path) => other.fields.has(path))
      .filter((path) => JSON.stringify(valueAt(live, path)) !== JSON.stringify(valueAt(applied, path)))
      .map((path) => ({ path, with: other })),
  );
}

/** Shortest first: an item of a list is found by its key fields, so it goes before them. */
function givenUp(mine: Owned | undefined, wanted: FieldSet, others: readonly Owned[]): string[] {
  const free = [...(mine?.fields ?? [])].filter(
    (path) => !wanted.has(path) && !others.some((other) => other.fields.has(path)),
  );
  return free.sort((a, b) => a.length - b.length);
}

function merge(live: unknown, applied: unknown, field = ''): unknown {
  if (isObject(applied) && isObject(live) && !isAtomic(field)) {
    const result: Item = { ...live };
    for (const [key, value] of Object.entries(applied)) result[key] = merge(live[key], value, key);
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return applied;
  if (isSet(field)) return [...new Set([...live, ...applied])];
  const keys = listKeys(field, [...live, ...applied]);
  if (!keys) return applied;
  const result: unknown[] = [...live];
  for (const item of applied as Item[]) {
    const index = result.findIndex((one) => hasKey(one, itemKey(item, keys)));
    if (index < 0) result.push(item);
    else result[index] = merge(result[index], item);
  }
  return result;
}

function refusal(lost: readonly Conflict[]): Refusal {
  const causes = lost.map(({ path, with: owner }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(owner)}`,
    field: pathText(path),
  }));
  return new Refusal(409, 'Conflict', messageOf(lost), { causes });
}

function messageOf(lost: readonly Conflict[]): string {
  const [only] = lost;
  if (only && lost.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${managerText(only.with)}: ${pathText(only.path)}`;
  }
  const managers = [...new Set(lost.map((conflict) => managerText(conflict.with)))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...lost.filter((one) => managerText(one.with) === manager).map(({ path }) => `- ${pathText(path)}`),
  ]);
  return `Apply failed with ${lost.length} conflicts: ${lines.join('\n')}`;
}

function managerText({ manager, operation, subresource, apiVersion, time }: Owned): string {
  const name = `"${manager}"${subresource ? ` with subresource "${subresource}"` : ''}`;
  if (operation === 'Apply') return name;
  return `${name} using ${apiVersion}${time ? ` at ${time}` : ''}`;
}
