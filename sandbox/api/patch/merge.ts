/** JSON merge patch (RFC 7386) and Kubernetes' strategic merge patch. */
import { hasKey, type Item, isObject, isSet, itemKey, listKeys } from './lists.ts';

/** Objects are merged, null deletes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Item = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** As mergePatch, and lists of things with names are merged item by item. */
export function strategicPatch(target: unknown, patch: Item): Item {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === 'replace') return fields;
  const result: Item = isObject(target) ? { ...target } : {};
  if (Array.isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else if (isObject(value)) {
      if (value.$patch === 'delete') delete result[key];
      else result[key] = strategicPatch(result[key], value);
    } else if (Array.isArray(value)) result[key] = mergeList(key, result[key], value);
    else result[key] = value;
  }
  for (const [key, value] of Object.entries(fields)) {
    const [instruction, field] = key.split('/') as [string, string];
    const list = result[field];
    if (!Array.isArray(list) || !Array.isArray(value)) continue;
    if (instruction === '$deleteFromPrimitiveList') result[field] = list.filter((item) => !value.includes(item));
    if (instruction === '$setElementOrder') result[field] = inOrder(field, list, value);
  }
  return result;
}

function mergeList(field: string, target: unknown, patch: readonly unknown[]): unknown[] {
  const current: unknown[] = Array.isArray(target) ? target : [];
  if (isSet(field)) return [...new Set([...current, ...patch])];
  const keys = listKeys(field, [...current, ...patch])?.slice(0, 1);
  if (!keys || patch.some((item) => isObject(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !isObject(item) || item.$patch !== 'replace');
  }
  let result = [...current];
  for (const item of patch as Item[]) {
    const key = itemKey(item, keys);
    const index = result.findIndex((one) => hasKey(one, key));
    if (item.$patch === 'delete') result = result.filter((one) => !hasKey(one, key));
    else if (index >= 0) result[index] = strategicPatch(result[index], item);
    else result.push(strategicPatch({}, item));
  }
  return result;
}

/** Items that the order does not name come after those it names. */
function inOrder(field: string, list: readonly unknown[], order: readonly unknown[]): unknown[] {
  const keys = listKeys(field, list)?.slice(0, 1);
  const position = (item: unknown) => {
    const index = order.findIndex((one) => (keys && isObject(one) ? hasKey(item, itemKey(one, keys)) : one === item));
    return index < 0 ? order.length : index;
  };
  return list
    .map((item) => ({ item, at: position(item) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
