/** Objects of the API by where they are served, and what can be asked of them. Loads nothing: kinds stand on it. */
import type { KubernetesObject } from '@kubernetes/client-node';

/** Where a kind of object is served. */
export interface Served<T = KubernetesObject> {
  /** `v1`, `apps/v1` */
  readonly apiVersion: string;
  /** `ConfigMap` */
  readonly kind: string;
  /** `configmaps`: as its path has it. */
  readonly plural: string;
  /** Default: in a namespace. */
  readonly scope?: 'namespace' | 'cluster';
  /** What an object of it looks like; never set. */
  readonly of?: T;
}

export interface Place {
  /** Of no meaning for a kind of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

export interface ListQuery {
  /** Default: all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  /** Goes on from a list that was longer than its limit. */
  readonly continue?: string;
  /** '0': from the API server's memory, however old. Default: the newest, from etcd. */
  readonly resourceVersion?: '0';
}

/** What the API server says of itself. */
export interface Readiness {
  /** The names of its checks that fail. */
  readonly failed: readonly string[];
  /** Its clock, as the header of the answer has it. */
  readonly date?: string;
}

/** How a list is read that may be large. */
export interface LeanQuery extends ListQuery {
  /** What is kept of each item, as it comes in; undefined leaves it out. */
  readonly keep: (item: never) => unknown;
  /** Without spec and status, which are most of an object. API servers since 1.15 do it; older ones send all. */
  readonly metadataOnly?: boolean;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

export interface Deletion {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** Each sends one request, once, with a signal that ends it. What it throws: transport.ts. */
export interface ObjectClient {
  get<T>(kind: Served<T>, place: Place, signal: AbortSignal): Promise<T>;
  list<T>(kind: Served<T>, query: ListQuery | LeanQuery, signal: AbortSignal): Promise<ObjectList<T>>;
  /** `dryRun`: all but keeping it. */
  create<T>(
    kind: Served<T>,
    namespace: string,
    body: T,
    signal: AbortSignal,
    options?: { readonly dryRun?: boolean },
  ): Promise<T>;
  /** Server-side apply. We own what we apply: another manager's fields in our objects are a fault to repair. */
  apply<T>(kind: Served<T>, place: Place, body: T, signal: AbortSignal): Promise<T>;
  /** A merge patch; of a subresource such as `scale`. */
  patch(kind: Served, place: Place, change: object, signal: AbortSignal, subresource?: string): Promise<unknown>;
  /** A subresource that is done and not kept, such as `eviction`. */
  submit(kind: Served, place: Place, subresource: string, body: object, signal: AbortSignal): Promise<unknown>;
  replace<T>(kind: Served<T>, place: Place, body: T, signal: AbortSignal): Promise<T>;
  remove(kind: Served, place: Place, body: Deletion, signal: AbortSignal): Promise<unknown>;
  /** A subresource that is text, such as `log`. */
  text(kind: Served, place: Place, of: Subresource, signal: AbortSignal): Promise<string>;
  /** The plurals that an API serves. */
  plurals(apiVersion: string, signal: AbortSignal): Promise<readonly string[]>;
  /** /readyz, with its checks. */
  readiness(signal: AbortSignal): Promise<Readiness>;
  version(signal: AbortSignal): Promise<{ readonly gitVersion?: unknown }>;
}

export interface Subresource {
  readonly name: string;
  readonly query?: Query;
}

/** What is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Lower case, as kubectl says it. */
export function wordOf({ kind }: Pick<Served, 'kind'>): string {
  return kind.toLowerCase();
}

/** '' is the core group. */
export function groupOf({ apiVersion }: Pick<Served, 'apiVersion'>): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] as string) : '';
}

/** Of the collection. */
export function pathOf({ apiVersion, plural, scope }: Served<unknown>, namespace?: string): string {
  const inNamespace = namespace && scope !== 'cluster' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${rootOf(apiVersion)}${inNamespace}/${plural}`;
}

/** Of an API. */
export function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
