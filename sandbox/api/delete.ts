/** DELETE of one object, and of those that a selector picks. */
import { deleteObject, type Propagation } from '../admission/deletion.ts';
import { badRequest, cause, forbidden, invalidOptions, preconditionFailed } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { KubeObject, Plural } from '../store/objects.ts';
import { isObject } from './patch/lists.ts';
import { matcher, type Reply, requireObject } from './read.ts';
import { formatOf, present, presentList } from './representation.ts';
import { parseBody, type ResourceRequest, readBody } from './request.ts';
import { isDryRun } from './write.ts';

interface DeleteOptions {
  propagationPolicy?: string;
  orphanDependents?: boolean;
  gracePeriodSeconds?: number;
  dryRun?: string[];
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** Kinds whose deletion answers with the object that was, not with a Status. */
const returnsObject: ReadonlySet<Plural> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'resourcequotas',
  'persistentvolumeclaims',
  'persistentvolumes',
]);

/** The admission plugin NamespaceLifecycle keeps them. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

const policies = ['Foreground', 'Background', 'Orphan'];

export async function remove(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const { resource } = request;
  const options = await readOptions(request);
  const object = requireObject(cluster, request);
  checkPreconditions(request, object, options);
  if (resource.plural === 'namespaces' && immortal.has(object.metadata.name)) {
    throw forbidden(resource, object.metadata.name, 'this namespace may not be deleted');
  }
  const dryRun = isDryRun(request, 'DeleteOptions', options.dryRun);
  const waiting = dryRun ? undefined : end(cluster, resource.plural, object, options);
  const body = waiting ?? (returnsObject.has(resource.plural) ? object : undefined);
  if (body) return { code: 200, body: present(resource, body, formatOf(request.incoming), cluster.now()) };
  const details = {
    name: object.metadata.name,
    ...(resource.group && { group: resource.group }),
    kind: resource.plural,
    uid: object.metadata.uid,
  };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

export async function removeCollection(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const { resource, namespace } = request;
  const options = await readOptions(request);
  const objects: KubeObject[] = cluster.store.list(resource.plural, namespace).filter(matcher(request));
  const metadata = { resourceVersion: String(cluster.store.version) };
  if (!isDryRun(request, 'DeleteOptions', options.dryRun))
    for (const object of objects) end(cluster, resource.plural, object, options);
  return { code: 200, body: presentList(resource, objects, metadata, formatOf(request.incoming), cluster.now()) };
}

function end(cluster: Cluster, plural: Plural, object: KubeObject, options: DeleteOptions): KubeObject | undefined {
  const { propagationPolicy, gracePeriodSeconds, orphanDependents } = options;
  const propagation = propagationPolicy ?? (orphanDependents ? 'Orphan' : undefined);
  return deleteObject(cluster, plural, object, {
    propagation: propagation as Propagation,
    graceSeconds: gracePeriodSeconds,
  });
}

async function readOptions({ incoming, query }: ResourceRequest): Promise<DeleteOptions> {
  const body = await parseBody(await readBody(incoming)).catch(() => 'unreadable');
  const given = (body ?? {}) as DeleteOptions;
  if (!isObject(given) || (given.dryRun && !Array.isArray(given.dryRun))) {
    throw badRequest('the object provided is unrecognized (must be of type DeleteOptions)');
  }
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const options: DeleteOptions = {
    ...given,
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy }),
    ...(query.get('orphanDependents') === 'true' && { orphanDependents: true }),
  };
  if (!Number.isInteger(options.gracePeriodSeconds ?? 0)) {
    throw badRequest(`strconv.ParseInt: parsing "${grace ?? given.gracePeriodSeconds}": invalid syntax`);
  }
  if (options.propagationPolicy && !policies.includes(options.propagationPolicy)) {
    throw invalidOptions(
      'DeleteOptions',
      cause.unsupported('propagationPolicy', options.propagationPolicy, [...policies, 'nil']),
    );
  }
  return options;
}

function checkPreconditions(
  { resource, name = '' }: ResourceRequest,
  { metadata }: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(resource, name, why);
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw preconditionFailed(resource, name, why);
  }
}
