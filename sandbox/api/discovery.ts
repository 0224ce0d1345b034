/** Discovery: what the API serves, in its plain and its aggregated form; the version; health. */
import type { IncomingMessage } from 'node:http';
import { apiVersionOf, type Resource, resources } from '../store/resources.ts';
import type { Reply } from './read.ts';

/** The release whose behaviour is meant. */
export const serverVersion = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.2',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: '',
  compiler: 'none',
  platform: 'sandbox',
} as const;

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
const reviews = 'authorization.k8s.io';

interface Entry {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
  group?: string;
  version?: string;
}

/** Undefined: not a path of discovery. */
export function discover(incoming: IncomingMessage, path: string): Reply | undefined {
  const all = (incoming.headers.accept ?? '').includes('v=v2;as=APIGroupDiscoveryList');
  if (path === '/version') return { code: 200, body: serverVersion };
  if (path === '/api') {
    if (all) return { code: 200, body: aggregate(['']), type: aggregatedType };
    return { code: 200, body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } };
  }
  if (path === '/apis') {
    const names = [...groups, reviews];
    if (all) return { code: 200, body: aggregate(names), type: aggregatedType };
    return { code: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map(groupOf) } };
  }
  if (path === '/api/v1') return { code: 200, body: resourceList('') };
  const [, , group, version, ...rest] = path.split('/');
  if (!path.startsWith('/apis/') || rest.length > 0 || !group || ![...groups, reviews].includes(group))
    return undefined;
  if (version === undefined) return { code: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) } };
  return version === 'v1' ? { code: 200, body: resourceList(group) } : undefined;
}

function groupOf(name: string): object {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(group: string): object {
  const groupVersion = group === '' ? 'v1' : `${group}/v1`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entriesOf(group) };
}

function entriesOf(group: string): Entry[] {
  if (group === reviews) {
    return [
      {
        name: 'selfsubjectaccessreviews',
        singularName: 'selfsubjectaccessreview',
        namespaced: false,
        kind: 'SelfSubjectAccessReview',
        verbs: ['create'],
      },
    ];
  }
  return resources
    .filter((resource) => resource.group === group)
    .flatMap((resource) => [entryOf(resource), ...subresourcesOf(resource)]);
}

function entryOf({ plural, singular, namespaced, kind, shortNames, inAll }: Resource): Entry {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: plural === 'namespaces' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs,
    ...(shortNames && { shortNames }),
    ...(inAll && { categories: ['all'] }),
  };
}

const eviction: Entry = {
  name: 'pods/eviction',
  singularName: '',
  namespaced: true,
  kind: 'Eviction',
  group: 'policy',
  version: 'v1',
  verbs: ['create'],
};

function subresourcesOf({ plural, namespaced, kind, status, scale }: Resource): Entry[] {
  const sub = (name: string, rest: Partial<Entry> = {}): Entry => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'patch', 'update'],
    ...rest,
  });
  return [
    ...(plural === 'pods' ? [eviction, sub('log', { verbs: ['get'] })] : []),
    ...(plural === 'namespaces' ? [sub('finalize', { verbs: ['update'] })] : []),
    ...(status ? [sub('status')] : []),
    ...(scale ? [sub('scale', { kind: 'Scale', group: 'autoscaling', version: 'v1' })] : []),
  ];
}

/** apidiscovery.k8s.io/v2: everything at once, as kubectl asks for it first. */
function aggregate(names: readonly string[]): object {
  const items = names.map((group) => ({
    metadata: { ...(group && { name: group }), creationTimestamp: null },
    versions: [{ version: 'v1', freshness: 'Current', resources: aggregatedResources(group) }],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResources(group: string): object[] {
  const responseKind = (entry: Entry) => ({ group: entry.group ?? group, version: 'v1', kind: entry.kind });
  const entries = entriesOf(group);
  return entries
    .filter(({ name }) => !name.includes('/'))
    .map((entry) => {
      const subresources = entries
        .filter(({ name }) => name.startsWith(`${entry.name}/`))
        .map((sub) => ({ subresource: sub.name.split('/')[1], responseKind: responseKind(sub), verbs: sub.verbs }));
      return {
        resource: entry.name,
        responseKind: responseKind(entry),
        scope: entry.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: entry.singularName,
        verbs: entry.verbs,
        ...(entry.shortNames && { shortNames: entry.shortNames }),
        ...(entry.categories && { categories: entry.categories }),
        ...(subresources.length > 0 && { subresources }),
      };
    });
}

export const groupVersions = (): string[] => [...new Set([...resources.map(apiVersionOf), `${reviews}/v1`])];
