/** POST, PUT and PATCH of objects and their status. */
import { createObject, type Draft } from '../admission/create.ts';
import { badRequest, cause, conflict, invalid, invalidOptions, notFound, Refusal } from '../admission/status.ts';
import { updateObject } from '../admission/update.ts';
import type { Cluster } from '../cluster.ts';
import { copy } from '../store/copy.ts';
import type { KubeObject } from '../store/objects.ts';
import { apiVersionOf } from '../store/resources.ts';
import { instant } from '../store/store.ts';
import { decode } from './decode.ts';
import { applyPatch } from './patch/apply.ts';
import { isObject } from './patch/lists.ts';
import { afterUpdate, type Owner } from './patch/managers.ts';
import { mergePatch, strategicPatch } from './patch/merge.ts';
import { type Reply, requireObject } from './read.ts';
import { formatOf, present } from './representation.ts';
import { type Json, parseBody, type ResourceRequest, readBody, readObject } from './request.ts';

export async function create(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const draft = checkedDraft(request, await readObject(request.incoming, request.resource.kind));
  const dryRun = isDryRun(request, 'CreateOptions');
  return reply(cluster, request, 201, createOwned(cluster, request, draft, dryRun));
}

export async function replace(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const { resource, name = '' } = request;
  const wanted = checkedDraft(request, await readObject(request.incoming, resource.kind)) as KubeObject;
  const dryRun = isDryRun(request, 'UpdateOptions');
  const current = cluster.store.get(resource.plural, name, request.namespace);
  if (!current) {
    if (!resource.createOnPut) throw notFound(resource, name);
    if (wanted.metadata.uid) {
      const key = `/registry/${resource.plural}/${request.namespace}/${name}`;
      const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted.metadata.uid}, UID in object meta: `;
      throw conflict(resource, name, why);
    }
    return reply(cluster, request, 201, createOwned(cluster, request, wanted, dryRun));
  }
  if (resource.versionOnPut && !wanted.metadata.resourceVersion) {
    const causes = [cause.invalid('metadata.resourceVersion', 0, 'must be specified for an update')];
    throw invalid({ ...resource, kind: resource.plural }, name, causes);
  }
  return reply(cluster, request, 200, updateOwned(cluster, request, current, wanted, dryRun));
}

export async function patch(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const { incoming, query } = request;
  const type = (incoming.headers['content-type'] ?? '').split(';')[0]!.trim();
  const text = await readBody(incoming);
  const dryRun = isDryRun(request, 'PatchOptions');
  if (type === 'application/apply-patch+yaml') return apply(cluster, request, text, dryRun);
  if (query.get('force'))
    throw invalidOptions('PatchOptions', cause.forbidden('force', 'may not be specified for non-apply patch'));

  const current = requireObject(cluster, request);
  const wanted = decode(request.resource, await patched(current, type, text));
  if (wanted.metadata?.name !== current.metadata.name) throw nameMismatch(wanted.metadata?.name, current.metadata.name);
  const version = wanted.metadata.resourceVersion;
  const draft = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: version } };
  return reply(cluster, request, 200, updateOwned(cluster, request, current, draft, dryRun));
}

/** Throws 415 for a patch type the server does not know, 400 and 422 for a patch that cannot be applied. */
export async function patched(target: object, type: string, text: string): Promise<unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest(`error decoding patch: invalid character in ${JSON.stringify(text.slice(0, 40))}`);
  }
  if (type.endsWith('merge-patch+json') && !isObject(body)) throw badRequest('error decoding patch: it is no object');
  if (type === 'application/merge-patch+json') return mergePatch(target, body);
  if (type === 'application/strategic-merge-patch+json') return strategicPatch(target, body as Json);
  if (type !== 'application/json-patch+json') {
    throw new Refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  const { default: jsonPatch } = await import('fast-json-patch');
  try {
    return jsonPatch.applyPatch(copy(target), body as never, true).newDocument;
  } catch {
    throw new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}

async function apply(cluster: Cluster, request: ResourceRequest, text: string, dryRun: boolean): Promise<Reply> {
  const { resource, name = '', namespace, query } = request;
  const manager = query.get('fieldManager');
  if (!manager) throw invalidOptions('PatchOptions', cause.required('fieldManager', 'is required for apply patch'));
  const parsed = (await parseBody(text).catch((error: Error) => {
    throw badRequest(`error decoding YAML: ${error.message}`);
  })) as KubeObject | undefined;
  const version = apiVersionOf(resource);
  if (!parsed?.apiVersion) throw badRequest(`invalid object type: /, Kind=${parsed?.kind ?? ''}`);
  if (parsed.apiVersion !== version) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${parsed.apiVersion}, expected: ${version}`,
    );
  }
  const applied = decode(resource, parsed);
  applied.metadata = { ...applied.metadata, name: applied.metadata?.name ?? name };
  if (applied.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  if (applied.metadata.name !== name) throw nameMismatch(applied.metadata.name, name);
  checkedDraft(request, applied as unknown as Json);

  const current = cluster.store.get(resource.plural, name, namespace);
  const time = instant(cluster.now());
  const result = applyPatch(current, { applied, manager, force: query.get('force') === 'true', time });
  if (current)
    return reply(
      cluster,
      request,
      200,
      updateObject(cluster, resource.plural, current as never, result, part(request, dryRun)),
    );
  if (namespace) result.metadata.namespace = namespace;
  return reply(cluster, request, 201, createObject(cluster, resource.plural, result, { dryRun }));
}

function createOwned(cluster: Cluster, request: ResourceRequest, draft: Draft, dryRun: boolean): KubeObject {
  const { resource } = request;
  const preview = { ...draft, apiVersion: apiVersionOf(resource), kind: resource.kind } as KubeObject;
  const managedFields = afterUpdate(undefined, preview, ownerOf(request), instant(cluster.now()));
  return createObject(
    cluster,
    resource.plural,
    { ...draft, metadata: { ...draft.metadata, managedFields } },
    { dryRun },
  );
}

/** An update with its ownership. Scale uses it too. */
export function updateOwned(
  cluster: Cluster,
  request: ResourceRequest,
  current: KubeObject,
  wanted: KubeObject,
  dryRun: boolean,
): KubeObject {
  const next = { ...wanted, apiVersion: current.apiVersion, kind: current.kind };
  if (request.subresource !== 'status') {
    const managedFields = afterUpdate(current, next, ownerOf(request), instant(cluster.now()));
    next.metadata = { ...wanted.metadata, managedFields };
  }
  return updateObject(cluster, request.resource.plural, current as never, next, part(request, dryRun));
}

const part = ({ subresource }: ResourceRequest, dryRun: boolean) =>
  ({ part: subresource === 'status' ? 'status' : 'object', dryRun }) as const;

/** Without a fieldManager the client's program owns what it writes. */
function ownerOf({ query, incoming, subresource }: ResourceRequest): Owner {
  const program = (incoming.headers['user-agent'] ?? 'unknown').split(/[/ ]/)[0]!;
  return { manager: query.get('fieldManager') ?? program, operation: 'Update', ...(subresource && { subresource }) };
}

/** Throws 400 where the body speaks of another object than the URL. */
function checkedDraft({ resource, namespace, name, method }: ResourceRequest, body: Json): Draft {
  const version = apiVersionOf(resource);
  if ((body.kind && body.kind !== resource.kind) || (body.apiVersion && body.apiVersion !== version)) {
    const kind = String(body.kind ?? resource.kind);
    throw badRequest(
      `${kind} in version "${String(body.apiVersion ?? version)
        .split('/')
        .at(
          -1,
        )}" cannot be handled as a ${resource.kind}: converting (v1.${kind}) to (core.${resource.kind}): unknown conversion`,
    );
  }
  const draft = decode(resource, body);
  const metadata: Draft['metadata'] = draft.metadata ?? {};
  if (metadata.namespace && metadata.namespace !== (namespace ?? '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && method === 'PUT' && metadata.name !== name) throw nameMismatch(metadata.name, name);
  return { ...draft, metadata: { ...metadata, ...(namespace && { namespace }) } } as Draft;
}

function nameMismatch(given: string | undefined, url: string): Refusal {
  return badRequest(`the name of the object (${given ?? ''}) does not match the name on the URL (${url})`);
}

/** `inBody`: what a body of DeleteOptions says of it. Throws 422 for what is not All. */
export function isDryRun({ query }: ResourceRequest, options: string, inBody: readonly string[] = []): boolean {
  const values = [...inBody, ...query.getAll('dryRun')].filter((value) => value !== '');
  if (values.length === 0) return false;
  if (values.every((value) => value === 'All')) return true;
  throw invalidOptions(options, cause.unsupported('dryRun', values, ['All']));
}

function reply(cluster: Cluster, { incoming, resource }: ResourceRequest, code: number, object: KubeObject): Reply {
  return { code, body: present(resource, object, formatOf(incoming), cluster.now()) };
}
