/** How an object is sent: whole, its metadata alone, or as the row of a table. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../admission/status.ts';
import type { KubeObject } from '../store/objects.ts';
import { apiVersionOf, type Resource } from '../store/resources.ts';
import { columnsOf, rowOf } from './tables.ts';

export type Format = 'whole' | 'metadata' | 'table';

/** Throws 406 where the client takes nothing that is served. */
export function formatOf(incoming: IncomingMessage): Format {
  const accept = incoming.headers.accept ?? '*/*';
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((one) => one.trim());
    const as = parameters.find((one) => one.startsWith('as='))?.slice(3);
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    if (as === 'Table') return 'table';
    if (as?.startsWith('PartialObjectMetadata')) return 'metadata';
    if (as === undefined) return 'whole';
  }
  const message = 'only the following media types are accepted: application/json';
  throw new Refusal(406, 'NotAcceptable', message, {});
}

export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export function present(resource: Resource, object: KubeObject, format: Format, now: number, header = true): object {
  if (format === 'metadata') return partial(object);
  if (format === 'whole') return object;
  const { resourceVersion } = object.metadata;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: header ? columnsOf(resource) : null,
    rows: [{ cells: rowOf(resource, object, now), object: partial(object) }],
  };
}

export function presentList(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  format: Format,
  now: number,
): object {
  if (format === 'table') {
    const rows = objects.map((object) => ({ cells: rowOf(resource, object, now), object: partial(object) }));
    return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columnsOf(resource), rows };
  }
  if (format === 'metadata') {
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(partial) };
  }
  const items = objects.map(({ kind, apiVersion, ...item }) => item);
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}

function partial({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
