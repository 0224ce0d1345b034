/** The way of every new object into the store, from clients and controllers alike. */
import { type Cluster, suffix } from '../cluster.ts';
import { allocateServiceAddress } from '../net/addresses.ts';
import { copy } from '../store/copy.ts';
import type { Kinds, KubeObject, Plural, Service } from '../store/objects.ts';
import { apiVersionOf, resourceOf } from '../store/resources.ts';
import { instant } from '../store/store.ts';
import { applyDefaults } from './defaults.ts';
import { chargeQuota } from './quota.ts';
import { alreadyExists, forbidden, notFound } from './status.ts';
import { validate, validateShape } from './validation.ts';

/** Everything but what the server gives: uid, resourceVersion, creationTimestamp. */
export type Draft = Omit<KubeObject, 'metadata' | 'apiVersion' | 'kind'> & {
  metadata: Partial<KubeObject['metadata']>;
};

/** Throws a Refusal. With `dryRun` it returns what would have been stored. */
export function createObject<P extends Plural>(
  cluster: Cluster,
  plural: P,
  draft: Draft,
  options: { dryRun?: boolean } = {},
): Kinds[P] {
  const resource = resourceOf(plural);
  const object = prepared(plural, draft);
  const { name, namespace } = object.metadata;

  validateShape(plural, object);
  applyDefaults(plural, object);
  validate(plural, object);
  if (namespace) {
    const home = cluster.store.get('namespaces', namespace);
    if (!home) throw notFound(resourceOf('namespaces'), namespace);
    if (home.metadata.deletionTimestamp) throw terminating(plural, name, namespace);
  }
  if (cluster.store.get(plural, name, namespace)) throw alreadyExists(resource, name);
  if (plural === 'services') allocateServiceAddress(cluster.store, object as Service);
  if (namespace) chargeQuota(cluster, plural, object);
  if (options.dryRun)
    return {
      ...object,
      metadata: { ...object.metadata, uid: crypto.randomUUID(), creationTimestamp: instant(cluster.now()) },
    } as Kinds[P];
  return cluster.store.create(plural, object as Kinds[P])!;
}

function prepared(plural: Plural, draft: Draft): KubeObject {
  const resource = resourceOf(plural);
  const { metadata, ...fields } = draft;
  const { deletionTimestamp, deletionGracePeriodSeconds, generation, ...kept } = metadata;
  const object: KubeObject = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    ...fields,
    metadata: {
      ...kept,
      name: metadata.name || (metadata.generateName ? metadata.generateName + suffix() : ''),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      ...(resource.generation && { generation: 1 }),
    },
  };
  if (resource.status && plural !== 'nodes') delete object.status;
  return copy(object);
}

function terminating(plural: Plural, name: string, namespace: string): Error {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  return forbidden(resourceOf(plural), name, why, [
    { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
  ]);
}
