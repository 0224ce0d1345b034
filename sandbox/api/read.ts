/** GET: one object, or a list with its selectors, pages and versions. */
import { badRequest, expired, notFound, tooLargeVersion } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { KubeObject } from '../store/objects.ts';
import { BadSelector, type Match, parseFieldSelector, parseLabelSelector } from '../store/selectors.ts';
import { formatOf, type ListMeta, present, presentList } from './representation.ts';
import type { ResourceRequest } from './request.ts';

/** What a handler answers with; undefined where it wrote the response itself. */
export interface Reply {
  readonly code: number;
  readonly body: object;
  /** Default: application/json. */
  readonly type?: string;
}

/** Throws NotFound. */
export function requireObject(cluster: Cluster, { resource, name = '', namespace }: ResourceRequest): KubeObject {
  const object = cluster.store.get(resource.plural, name, namespace);
  if (!object) throw notFound(resource, name);
  return object;
}

export function readOne(cluster: Cluster, request: ResourceRequest): Reply {
  const format = formatOf(request.incoming);
  const version = parseVersion(request.query.get('resourceVersion'));
  if (version > cluster.store.version) throw tooLargeVersion(version, cluster.store.version);
  return { code: 200, body: present(request.resource, requireObject(cluster, request), format, cluster.now()) };
}

export function readList(cluster: Cluster, request: ResourceRequest): Reply {
  const { resource, query } = request;
  const format = formatOf(request.incoming);
  const matches = matcher(request);
  const { version, after } = pageOf(cluster, query);
  const all = stateAt(cluster, request, version).filter(matches);
  const rest = after ? all.filter((object) => positionOf(object) > after) : all;
  const limit = Number(query.get('limit') ?? 0);
  const items = limit > 0 ? rest.slice(0, limit) : rest;
  const remaining = rest.length - items.length;
  const metadata: ListMeta = { resourceVersion: String(version) };
  if (remaining > 0) {
    metadata.continue = encodePage({ version, after: positionOf(items.at(-1)!) });
    if (!query.get('labelSelector') && !query.get('fieldSelector')) metadata.remainingItemCount = remaining;
  }
  return { code: 200, body: presentList(resource, items, metadata, format, cluster.now()) };
}

/** Whether an object is asked for by the query's selectors. Throws 400 for what is none. */
export function matcher({ query, resource, name }: ResourceRequest): Match {
  try {
    const label = parseLabelSelector(query.get('labelSelector') ?? '');
    const field = parseFieldSelector(query.get('fieldSelector') ?? '', resource);
    return (object) => (name === undefined || object.metadata.name === name) && label(object) && field(object);
  } catch (error) {
    if (error instanceof BadSelector) throw badRequest(error.message);
    throw error;
  }
}

/** 0 for an absent version. Throws what a real server answers for one that is no number. */
export function parseVersion(text: string | null): number {
  if (!text) return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );
}

/** The objects as they were at a version of the near past: today's, with the changes since undone. */
function stateAt(cluster: Cluster, { resource, namespace }: ResourceRequest, version: number): KubeObject[] {
  const now: KubeObject[] = cluster.store.list(resource.plural, namespace);
  if (version === cluster.store.version) return now;
  const changes = cluster.store.changesSince(version);
  if (!changes)
    throw expired(
      `The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.`,
    );
  const objects = new Map(now.map((object) => [positionOf(object), object]));
  for (const change of [...changes].reverse()) {
    if (
      change.plural !== resource.plural ||
      (namespace !== undefined && change.object.metadata.namespace !== namespace)
    )
      continue;
    const position = positionOf(change.object);
    if (change.previous) objects.set(position, change.previous);
    else objects.delete(position);
  }
  return [...objects.values()].sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1));
}

const positionOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ''}/${metadata.name}`;

interface Page {
  version: number;
  after?: string;
}

function pageOf({ store }: Cluster, query: URLSearchParams): Page {
  const token = query.get('continue');
  if (token) return decodePage(token);
  const wanted = parseVersion(query.get('resourceVersion'));
  if (wanted > store.version) throw tooLargeVersion(wanted, store.version);
  return { version: query.get('resourceVersionMatch') === 'Exact' ? wanted : store.version };
}

function encodePage(page: Page): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: page.version, start: page.after })).toString(
    'base64url',
  );
}

function decodePage(token: string): Page {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number; start: string };
    if (Number.isInteger(rv) && typeof start === 'string') return { version: rv, after: start };
  } catch {
    // Refused below, as a page that never was.
  }
  throw badRequest('continue key is not valid: invalid character looking for beginning of value');
}
