/** The way of every changed object into the store: what a writer may not touch is kept as it was. */
import type { Cluster } from '../cluster.ts';
import { copy } from '../store/copy.ts';
import type { Kinds, KubeObject, Plural, Service } from '../store/objects.ts';
import { apiVersionOf, resourceOf } from '../store/resources.ts';
import { applyDefaults } from './defaults.ts';
import { conflict, modified } from './status.ts';
import { validate, validateShape } from './validation.ts';

/** Throws a Refusal. `part`: what of the object the request may change. An update that changes nothing stores nothing. */
export function updateObject<P extends Plural>(
  cluster: Cluster,
  plural: P,
  current: Kinds[P],
  wanted: KubeObject,
  options: { part?: 'object' | 'status'; dryRun?: boolean } = {},
): Kinds[P] {
  const resource = resourceOf(plural);
  const { name, uid, resourceVersion } = current.metadata;
  if (wanted.metadata.uid && wanted.metadata.uid !== uid) {
    const key = `/registry/${plural}/${current.metadata.namespace ? `${current.metadata.namespace}/` : ''}${name}`;
    const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted.metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(resource, name, why);
  }
  if (wanted.metadata.resourceVersion && wanted.metadata.resourceVersion !== resourceVersion) {
    throw modified(resource, name);
  }

  const next = options.part === 'status' ? withStatus(current, wanted) : withoutStatus(plural, current, wanted);
  validateShape(plural, next);
  applyDefaults(plural, next);
  validate(plural, next, current);
  if (resource.generation && options.part !== 'status' && specOf(next) !== specOf(current)) {
    next.metadata.generation = (current.metadata.generation ?? 0) + 1;
  }
  next.metadata.resourceVersion = resourceVersion;
  if (same(next, current) || options.dryRun) return next as Kinds[P];
  return cluster.store.replace(plural, next as Kinds[P]);
}

function withStatus(current: KubeObject, wanted: KubeObject): KubeObject {
  const next = copy(current);
  next.status = wanted.status ?? {};
  next.metadata.managedFields = wanted.metadata.managedFields;
  return next;
}

function withoutStatus(plural: Plural, current: KubeObject, wanted: KubeObject): KubeObject {
  const resource = resourceOf(plural);
  const { metadata } = current;
  const next: KubeObject = copy({
    ...wanted,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...wanted.metadata,
      name: metadata.name,
      ...(metadata.namespace && { namespace: metadata.namespace }),
      uid: metadata.uid,
      creationTimestamp: metadata.creationTimestamp,
      ...(metadata.generation !== undefined && { generation: metadata.generation }),
      deletionTimestamp: metadata.deletionTimestamp,
      deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    },
  });
  if (!metadata.deletionTimestamp) {
    delete next.metadata.deletionTimestamp;
    delete next.metadata.deletionGracePeriodSeconds;
  }
  if (resource.status) next.status = copy(current.status);
  if (plural === 'services') keepAddress(next as Service, current as Service);
  if (plural === 'namespaces') next.spec = copy(current.spec);
  return next;
}

/** A service that does not say its address keeps the one it was given. */
function keepAddress(next: Service, current: Service): void {
  if (next.spec?.type === 'ExternalName' || !next.spec) return;
  next.spec.clusterIP ??= current.spec.clusterIP;
  next.spec.clusterIPs ??= current.spec.clusterIPs;
}

const specOf = (object: KubeObject): string => {
  const { metadata, status, ...rest } = object;
  return JSON.stringify(sorted(rest));
};

const same = (a: KubeObject, b: KubeObject): boolean => {
  const bare = ({ metadata: { managedFields, ...metadata }, ...rest }: KubeObject) =>
    JSON.stringify(sorted({ ...rest, metadata: { ...metadata, managers: ownership(managedFields) } }));
  return bare(a) === bare(b);
};

/** Who owns what, without when. */
const ownership = (fields: KubeObject['metadata']['managedFields']) => fields?.map(({ time, ...entry }) => entry);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
