/** What ConfigMaps and Secrets may hold, and when they may change. */
import type { KubeObject } from '../store/objects.ts';
import { type Cause, cause } from './status.ts';

const longestBytes = 1_048_576;
const keyWords = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`;

type Texts = Record<string, string>;

export function configCauses(object: KubeObject, before?: KubeObject): Cause[] {
  const { data = {}, binaryData = {} } = object as { data?: Texts; binaryData?: Texts };
  const causes = Object.keys(data)
    .filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key))
    .map((key) => cause.invalid(`data[${key}]`, key, keyWords));
  const encoding = object.kind === 'Secret' ? 'base64' : 'utf8';
  if (bytesOf(data, encoding) + bytesOf(binaryData, 'base64') > longestBytes) {
    causes.push(cause.tooLong(object.kind === 'Secret' ? 'data' : '', longestBytes));
  }
  return before?.immutable ? [...causes, ...frozenCauses(object, before)] : causes;
}

function frozenCauses(object: KubeObject, before: KubeObject): Cause[] {
  const words = 'field is immutable when `immutable` is set';
  const changed = (field: string) => !equal(object[field] as Texts | undefined, before[field] as Texts | undefined);
  const causes = ['data', 'binaryData'].filter(changed).map((field) => cause.forbidden(field, words));
  return object.immutable ? causes : [cause.forbidden('immutable', words), ...causes];
}

function equal(a: Texts = {}, b: Texts = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function bytesOf(texts: Texts, encoding: BufferEncoding): number {
  return Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text, encoding), 0);
}
