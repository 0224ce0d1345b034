/** One call of the recorded list. */
import type { Body } from '../kit.ts';

export interface Call {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  /** What of the answer is compared, besides status, kind, reason, message and details. */
  readonly read?: (body: Body) => unknown;
  /** Played once the collection at `path` is so. */
  readonly after?: { readonly path: string; readonly holds: (items: Body[]) => boolean };
  /** The words of the message differ between versions of Kubernetes; the rest is compared. */
  readonly wordsDiffer?: true;
}

type Rest = Omit<Call, 'title' | 'method' | 'path' | 'body'>;

export const get = (title: string, path: string, rest: Rest = {}): Call => ({ title, method: 'GET', path, ...rest });
export const post = (title: string, path: string, body: unknown, rest: Rest = {}): Call => ({
  title,
  method: 'POST',
  path,
  body,
  ...rest,
});
export const put = (title: string, path: string, body: unknown, rest: Rest = {}): Call => ({
  title,
  method: 'PUT',
  path,
  body,
  ...rest,
});
export const remove = (title: string, path: string, body?: unknown, rest: Rest = {}): Call => ({
  title,
  method: 'DELETE',
  path,
  body,
  ...rest,
});

const types = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  none: 'application/json',
};

export const patch = (title: string, kind: keyof typeof types, path: string, body: unknown, rest: Rest = {}): Call => ({
  title,
  method: 'PATCH',
  path,
  body,
  type: types[kind],
  ...rest,
});

export const configMap = (name: string, data: unknown, meta: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...meta },
  data,
});

export const dataOf = (body: Body) => body.data;

/** Type, status and reason of each condition. */
export const conditionsOf = (body: Body): string[][] =>
  (body.status.conditions ?? []).map(({ type, status, reason }: Body) => [type, status, reason ?? '']).sort();
