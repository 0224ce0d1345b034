/**
 * Sets of fields, as metadata.managedFields writes them.
 *
 * A path is the list of FieldsV1's keys (`f:spec`, `k:{"name":"nginx"}`, `v:"x"`, `.`), joined by a character no key contains.
 */
import type { KubeObject } from '../../store/objects.ts';
import { hasKey, type Item, isAtomic, isObject, isSet, itemKey, listKeys } from './lists.ts';

export type FieldSet = Set<string>;

const separator = '\u0000';

/** What the server writes, and nobody owns. */
const unowned: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]);

/** Every field that an object sets; its status and what the server writes left out. */
export function fieldsOf({ apiVersion, kind, status, metadata, ...rest }: KubeObject): FieldSet {
  const meta = Object.fromEntries(Object.entries(metadata).filter(([key]) => !unowned.has(key)));
  const paths: FieldSet = new Set();
  collect({ ...rest, ...(Object.keys(meta).length > 0 && { metadata: meta }) }, [], paths);
  return paths;
}

function collect(object: Item, at: readonly string[], paths: FieldSet): void {
  for (const [field, value] of Object.entries(object)) {
    if (value === undefined || value === null) continue;
    const here = [...at, `f:${field}`];
    if (Array.isArray(value)) collectList(field, value, here, paths);
    else if (isObject(value) && Object.keys(value).length > 0 && !isAtomic(field)) collect(value, here, paths);
    else paths.add(here.join(separator));
  }
}

function collectList(field: string, list: readonly unknown[], at: readonly string[], paths: FieldSet): void {
  const keys = listKeys(field, list);
  if (isSet(field)) for (const item of list) paths.add([...at, `v:${JSON.stringify(item)}`].join(separator));
  else if (!keys) paths.add(at.join(separator));
  else {
    for (const item of list as Item[]) {
      const here = [...at, `k:${JSON.stringify(itemKey(item, keys))}`];
      paths.add([...here, '.'].join(separator));
      collect(item, here, paths);
    }
  }
}

/** The value at a path; an item of a list stands for its existence. */
export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const key of path.split(separator)) {
    if (value === undefined || value === null) return undefined;
    const [kind, rest] = [key.slice(0, 2), key.slice(2)];
    if (key === '.') return true;
    if (kind === 'f:') value = (value as Item)[rest];
    else if (kind === 'k:')
      value = Array.isArray(value) ? value.find((item) => hasKey(item, JSON.parse(rest))) : undefined;
    else value = Array.isArray(value) && value.includes(JSON.parse(rest)) ? JSON.parse(rest) : undefined;
  }
  return value;
}

/** Takes a path out of an object, in place, with what becomes empty by it. */
export function removeAt(object: unknown, path: string): void {
  removeIn(object, path.split(separator));
}

function removeIn(value: unknown, [key = '', ...rest]: string[]): void {
  if (value === undefined || value === null) return;
  const name = key.slice(2);
  if (key.startsWith('f:')) {
    const object = value as Item;
    if (rest.length > 0) removeIn(object[name], rest);
    if (rest.length === 0 || isEmpty(object[name])) delete object[name];
    return;
  }
  const list = value as unknown[];
  const wanted = JSON.parse(name);
  const index = key.startsWith('k:') ? list.findIndex((item) => hasKey(item, wanted)) : list.indexOf(wanted);
  if (index < 0) return;
  if (rest.length > 0 && rest[0] !== '.') removeIn(list[index], rest);
  else list.splice(index, 1);
}

const isEmpty = (value: unknown) => value !== null && typeof value === 'object' && Object.keys(value).length === 0;

/** `.spec.containers[name="nginx"].image` */
export function pathText(path: string): string {
  return path
    .split(separator)
    .map((key) => {
      if (key === '.') return '';
      if (key.startsWith('f:')) return `.${key.slice(2)}`;
      if (key.startsWith('v:')) return `[=${key.slice(2)}]`;
      const pairs = Object.entries(JSON.parse(key.slice(2)) as Item);
      return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** As it stands in managedFields. */
export function toFieldsV1(paths: FieldSet): Item {
  const root: Item = {};
  for (const path of [...paths].sort()) {
    let at = root;
    for (const key of path.split(separator)) {
      at[key] ??= {};
      at = at[key] as Item;
    }
  }
  return root;
}

export function fromFieldsV1(fields: Item, at: readonly string[] = []): FieldSet {
  const entries = Object.entries(fields);
  if (entries.length === 0) return new Set(at.length > 0 ? [at.join(separator)] : []);
  return new Set(entries.flatMap(([key, value]) => [...fromFieldsV1(value as Item, [...at, key])]));
}
