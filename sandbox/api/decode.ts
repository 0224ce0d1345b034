/** A body becomes an object of its kind, as Go's decoder does it: a field of another type is refused, one that is null is absent. */
import { badRequest } from '../admission/status.ts';
import type { KubeObject } from '../store/objects.ts';
import type { Resource } from '../store/resources.ts';
import { isObject } from './patch/lists.ts';
import { type Plain, type Type, typeOf } from './types.ts';

/** Where a value stands: the type that has the field, and the path to it. */
interface Place {
  readonly owner: string;
  readonly path: string;
}

/** Throws 400. What the sandbox does not read stays as it came. */
export function decode({ plural, kind }: Resource, body: unknown): KubeObject {
  try {
    const object = read(body, typeOf(plural, kind), { owner: kind, path: '' }) as KubeObject;
    return plural === 'secrets' ? encoded(object) : object;
  } catch (error) {
    if (!(error instanceof WrongType)) throw error;
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

/** A Secret's texts are a way to write its data. */
function encoded({ stringData, ...secret }: KubeObject): KubeObject {
  if (!stringData) return secret as KubeObject;
  const texts = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { ...secret, data: { ...(secret.data as object), ...Object.fromEntries(texts) } } as KubeObject;
}

class WrongType extends Error {
  override readonly name = 'WrongType';
}

function read(value: unknown, type: Type, at: Place): unknown {
  if ('list' in type) {
    if (!Array.isArray(value)) throw wrong(value, type, at);
    return value.map((item) => read(item, type.list, at));
  }
  if ('fits' in type) {
    if (type.fits(value)) return value;
    throw wrong(value, type, at);
  }
  if (!isObject(value)) throw wrong(value, type, at);
  if ('map' in type) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, read(one, type.map, at)]));
  }
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const field = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
    if (!field) return [[key, one]];
    const path = at.path ? `${at.path}.${key}` : key;
    return one === null || one === undefined ? [] : [[key, read(one, field, { owner: type.go, path })]];
  });
  return Object.fromEntries(entries);
}

function wrong(value: unknown, type: Type, { owner, path }: Place): WrongType {
  const complaint = 'fits' in type && (type as Plain).complaint;
  if (complaint) return new WrongType(complaint);
  return new WrongType(
    `json: cannot unmarshal ${given(value)} into Go struct field ${owner}.${path} of type ${goName(type)}`,
  );
}

function given(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goName(type: Type): string {
  if ('list' in type) return `[]${goName(type.list)}`;
  if ('map' in type) return `map[string]${goName(type.map)}`;
  return 'fields' in type ? `v1.${type.go}` : type.go;
}
