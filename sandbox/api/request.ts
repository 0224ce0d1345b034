/** A request, taken apart: what is asked of which resource. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, noSuchResource, Refusal } from '../admission/status.ts';
import { findResource, type Resource } from '../store/resources.ts';
import { decodeProtobuf } from './protobuf.ts';

export type Subresource = '' | 'status' | 'scale' | 'log' | 'eviction' | 'finalize';

export interface ResourceRequest {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: Subresource;
  /** As RBAC and audit call it: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
}

/** Throws the Refusal (404) for what the API does not serve. Undefined: not a path of resources. */
export function parseRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  url: URL,
): ResourceRequest | undefined {
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const core = segments[0] === 'api';
  const [group = '', version, ...rest] = core ? ['', ...segments.slice(1)] : segments.slice(1);
  if ((!core && segments[0] !== 'apis') || version !== 'v1' || rest.length === 0) return undefined;

  const nested = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2]!);
  const namespace = nested ? decoded(rest[1]!) : undefined;
  const [plural = '', name, subresource = '', ...more] = nested ? rest.slice(2) : rest;
  const resource = findResource(group, plural);
  if (!resource || more.length > 0 || (nested && !resource.namespaced)) throw noSuchResource();
  if (name !== undefined && resource.namespaced && !nested) throw noSuchResource();
  if (!hasSubresource(resource, subresource)) throw noSuchResource();

  const { searchParams: query } = url;
  const method = incoming.method ?? 'GET';
  return {
    incoming,
    response,
    method,
    query,
    resource,
    namespace,
    name: name === undefined ? undefined : decoded(name),
    subresource: subresource as Subresource,
    verb: verbOf(method, name !== undefined, isOn(query.get('watch'))),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}

export function isOn(value: string | null): boolean {
  return value !== null && value !== '' && value !== 'false' && value !== '0';
}

function hasSubresource(resource: Resource, subresource: string): boolean {
  if (subresource === '') return true;
  if (subresource === 'log' || subresource === 'eviction') return resource.plural === 'pods';
  if (subresource === 'status') return resource.status === true;
  if (subresource === 'scale') return resource.scale === true;
  return subresource === 'finalize' && resource.plural === 'namespaces';
}

function verbOf(method: string, named: boolean, watch: boolean): string {
  if (method === 'GET' || method === 'HEAD') return watch ? 'watch' : named ? 'get' : 'list';
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection';
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? method.toLowerCase();
}

/** Larger than the 1.5 MiB a real server takes, so that its own error is not hidden. */
const largestBody = 3 * 1024 * 1024;

export async function readBody(incoming: IncomingMessage): Promise<string> {
  return (await readBytes(incoming)).toString('utf8');
}

async function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) {
      throw new Refusal(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728', {});
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export type Json = Record<string, unknown>;

/** JSON, or YAML where it is not. Undefined: an empty body. */
export async function parseBody(text: string): Promise<unknown> {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    const { parse } = await import('yaml');
    return parse(text);
  }
}

const protobuf = 'application/vnd.kubernetes.protobuf';
const bodyTypes = ['application/json', 'application/yaml', protobuf];

/** The object in a body. Throws 415 for other media types and 400 for what is not an object. */
export async function readObject(incoming: IncomingMessage, kind: string): Promise<Json> {
  const type = (incoming.headers['content-type'] ?? 'application/json').split(';')[0]!.trim();
  const bytes = await readBytes(incoming);
  if (type === protobuf) return decodeProtobuf(bytes);
  const text = bytes.toString('utf8');
  if (!bodyTypes.includes(type)) {
    const message = `the body of the request was in an unknown format - accepted media types include: ${bodyTypes.join(', ')}`;
    throw new Refusal(415, 'UnsupportedMediaType', message);
  }
  let body: unknown;
  try {
    body = await parseBody(text);
  } catch {
    body = undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const start = text.slice(0, 100);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: invalid character (${start})`,
    );
  }
  return body as Json;
}
