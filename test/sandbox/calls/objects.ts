/** Namespaces, ConfigMaps, leases, and reading: what the API accepts and how it refuses. */
import { type Body, home } from '../kit.ts';
import { type Call, configMap, dataOf, get, patch, post, put, remove } from './call.ts';

export function namespaceCalls(namespace: string): Call[] {
  const maps = `${home(namespace).core}/configmaps`;
  const one = { metadata: { name: namespace } };
  return [
    post('create a namespace', '/api/v1/namespaces', one, { read: ({ spec, status }) => ({ spec, status }) }),
    post('create it again', '/api/v1/namespaces', one),
    post('a bad name', '/api/v1/namespaces', { metadata: { name: 'Bad_Name' } }),
    get('a missing namespace', '/api/v1/namespaces/nope-nope'),
    post('create in a missing namespace', '/api/v1/namespaces/nope-nope/configmaps', configMap('a', {})),
    get('what a new namespace holds', maps, {
      after: { path: maps, holds: (items) => items.length === 1 },
      read: ({ items }) => items.map(({ metadata, data }: Body) => [metadata.name, Object.keys(data)]),
    }),
  ];
}

export function configMapCalls(namespace: string): Call[] {
  const maps = `${home(namespace).core}/configmaps`;
  const web = `${maps}/web`;
  const seen = { read: dataOf };
  return [
    post('create', maps, configMap('web', { 'index.html': 'hello\n' }), seen),
    post('create again', maps, configMap('web', {})),
    post('create without a name', maps, configMap('', {})),
    post('create with a bad key', maps, configMap('bad', { 'a b': 'x' })),
    post('create with a number', maps, configMap('bad', { a: 1 }), { wordsDiffer: true }),
    post('create another kind', maps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }),
    post('create for another namespace', maps, configMap('x', {}, { namespace: 'default' })),
    post('create from what is no JSON', maps, '{bad', { wordsDiffer: true }),
    post('create from what is no object', maps, '<a/>', { type: 'application/xml', wordsDiffer: true }),
    post('dry run', `${maps}?dryRun=All`, configMap('dry', { a: 'b' }), seen),
    get('after the dry run', `${maps}/dry`),
    post('bad dry run', `${maps}?dryRun=Some`, configMap('dry', {})),
    put('replace', web, configMap('web', { 'index.html': 'one\n' }), seen),
    put('replace an old version', web, configMap('web', {}, { resourceVersion: '1' })),
    put('replace a missing one', `${maps}/nope`, configMap('nope', {})),
    put('replace under another name', web, configMap('other', {})),
    patch('merge patch', 'merge', web, { data: { extra: 'x', 'index.html': 'two\n' } }, seen),
    patch('merge patch with null', 'merge', web, { data: { extra: null } }, seen),
    patch('merge patch of an old version', 'merge', web, { metadata: { resourceVersion: '1' } }),
    patch('JSON patch', 'json', web, [{ op: 'add', path: '/data/b', value: 'c' }], seen),
    patch('JSON patch whose test fails', 'json', web, [{ op: 'test', path: '/data/b', value: 'd' }]),
    patch('JSON patch of nothing', 'json', web, [{ op: 'replace', path: '/nope/a', value: 'd' }]),
    patch('patch of no known type', 'none', web, {}),
    patch('patch of a missing one', 'merge', `${maps}/nope`, {}),
    patch('patch of a collection', 'merge', maps, {}),
  ];
}

export function applyCalls(namespace: string): Call[] {
  const path = `${home(namespace).core}/configmaps/applied`;
  const by = (manager: string) => `${path}?fieldManager=${manager}`;
  const map = (data: unknown, meta = {}) => configMap('applied', data, meta);
  const owners = ({ metadata }: Body) =>
    metadata.managedFields.map(({ manager, operation }: Body) => [manager, operation]).sort();
  const seen = { read: (body: Body) => [dataOf(body), body.metadata.labels, owners(body)] };
  return [
    patch('apply without a manager', 'apply', path, map({ a: '1' })),
    patch('apply', 'apply', by('one'), map({ a: '1', b: '2' }, { labels: { x: 'y' } }), seen),
    patch('apply a conflict', 'apply', by('two'), map({ a: '9', c: '3' })),
    patch('apply two conflicts', 'apply', by('two'), map({ a: '9', b: '9' })),
    patch('apply by force', 'apply', `${by('two')}&force=true`, map({ a: '9', c: '3' }), seen),
    patch('apply less', 'apply', by('one'), map({}), seen),
    patch('apply under another name', 'apply', by('one'), configMap('other', {})),
    patch('apply managed fields', 'apply', by('one'), map({}, { managedFields: [{}] })),
    patch('apply without a version', 'apply', by('one'), { kind: 'ConfigMap', metadata: { name: 'applied' } }),
  ];
}

export function leaseCalls(namespace: string): Call[] {
  const { leases } = home(namespace);
  const lease = (meta = {}) => ({
    metadata: { name: 'lock', ...meta },
    spec: { holderIdentity: 'a', leaseDurationSeconds: 15 },
  });
  const invalid = { metadata: { name: 'bad' }, spec: { leaseDurationSeconds: 0 } };
  const stale = { preconditions: { resourceVersion: '1' } };
  return [
    post('take a lease', leases, lease(), { read: ({ spec }) => spec }),
    post('take a taken one', leases, lease()),
    put('renew without a version', `${leases}/lock`, lease()),
    put('renew an old version', `${leases}/lock`, lease({ resourceVersion: '1' })),
    post('an invalid lease', leases, invalid),
    remove('delete another version', `${leases}/lock`, stale, { wordsDiffer: true }),
    remove('give it back', `${leases}/lock`, undefined, { read: ({ details: { uid, ...details } }) => details }),
  ];
}

export function readingCalls(namespace: string): Call[] {
  const { core } = home(namespace);
  const maps = `${core}/configmaps`;
  const names = ({ items }: Body) => items.map(({ metadata }: Body) => metadata.name);
  return [
    get('a bad label selector', `${maps}?labelSelector=a%20in%20(`),
    get('a bad field selector', `${core}/pods?fieldSelector=spec.nope%3D1`),
    get('a bad version', `${maps}?resourceVersion=abc`),
    get('a kind that is not served', `${core}/nopes`),
    get('a log of no pod', `${core}/pods/nope/log`),
    get('by field', `${maps}?fieldSelector=metadata.name%3Dweb`, { read: names }),
    get('by label', `${maps}?labelSelector=nope`, { read: names }),
    get('the first page', `${maps}?limit=1`, {
      read: (body) => [names(body), body.metadata.remainingItemCount, !!body.metadata.continue],
    }),
    get('nodes, metadata alone', '/api/v1/nodes', {
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      read: ({ items }) => items.map((item: Body) => Object.keys(item).sort()),
    }),
  ];
}
