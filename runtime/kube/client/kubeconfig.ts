/**
 * A kubeconfig as client-go reads it. Source: k8s.io/client-go/tools/clientcmd, api/v1/types.go and loader.go.
 *
 * A bridge: @kubernetes/client-node 2.0.1 merges no list, and knows neither tokenFile nor as-groups, as-uid and as-user-extra, nor commands
 * relative to the file. What a later version does by itself goes from here.
 */
import { readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import type { ExecPlugin } from './exec-plugin.ts';

interface Named {
  name: string;
}

interface NamedCluster extends Named {
  cluster: { server?: string; 'certificate-authority'?: string; 'proxy-url'?: string } & Record<string, unknown>;
}

interface NamedUser extends Named {
  user: {
    token?: string;
    tokenFile?: string;
    'client-certificate'?: string;
    'client-key'?: string;
    exec?: ExecPlugin;
    as?: string;
    'as-uid'?: string;
    'as-groups'?: readonly string[];
    'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  } & Record<string, unknown>;
}

interface NamedContext extends Named {
  context: { cluster?: string; user?: string; namespace?: string };
}

interface Kubeconfig {
  'current-context'?: string;
  clusters: NamedCluster[];
  users: NamedUser[];
  contexts: NamedContext[];
}

export interface ReadKubeconfig {
  /** For the client library's loadFromString. */
  readonly text: string;
  readonly exec?: ExecPlugin;
  readonly tokenFile?: string;
  /** What is said of the cluster to an exec plugin that asks for it. */
  readonly cluster: NamedCluster['cluster'];
  readonly user: string;
  /** Header → values: whom to act as. */
  readonly impersonation: Readonly<Record<string, readonly string[]>>;
}

/** `paths`: as KUBECONFIG has them; of a list the first to say something is right, and files that are not there are left out. `asked`: a context, instead of the current one. Throws with what is wrong. */
export function readKubeconfig(paths: string, asked?: string): ReadKubeconfig {
  const files = paths.split(delimiter).filter(Boolean);
  const merged = merge(files.flatMap((file) => readFile(file, files.length > 1)));
  const name = asked ?? merged['current-context'];
  if (!name) throw new Error('it has no current context: set current-context, or name a context (KUBE_CONTEXT)');
  const context = merged.contexts.find((one) => one.name === name)?.context;
  if (!context && asked !== undefined) {
    const names = merged.contexts.map((one) => one.name).join(', ');
    throw new Error(`it has no context ${asked}${names && `; there are ${names}`}`);
  }
  if (!context) throw new Error(`its current-context is ${name}, and there is no context of that name`);
  const { cluster: clusterName = '', user: userName = '' } = context;
  const { cluster } = merged.clusters.find((one) => one.name === clusterName) ?? {};
  if (!cluster?.server)
    throw new Error(
      `its context ${name} names the cluster ${clusterName || "''"}, which is not there or has no server`,
    );
  const found = merged.users.find((one) => one.name === userName);
  if (userName && !found) throw new Error(`its context ${name} names the user ${userName}, which is not there`);
  // Without one the library drops what the cluster says of TLS.
  if (!userName) Object.assign(context, { user: '(none)' });
  if (!userName) merged.users.push({ name: '(none)', user: {} });
  const user = found?.user ?? {};
  return {
    text: JSON.stringify({ ...merged, 'current-context': name, users: merged.users.map(forLibrary) }),
    ...(user.exec && { exec: user.exec }),
    ...(user.tokenFile && { tokenFile: user.tokenFile }),
    cluster,
    user: userName || '(none)',
    impersonation: impersonationOf(user),
  };
}

/** What we bring ourselves. */
function forLibrary({ name, user }: NamedUser): NamedUser {
  const { exec: _, tokenFile: __, as: ___, ...rest } = user ?? {};
  return { name, user: rest };
}

function impersonationOf(user: NamedUser['user']): Record<string, readonly string[]> {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  const headers: Record<string, readonly string[]> = {};
  if (as) headers['impersonate-user'] = [as];
  if (uid) headers['impersonate-uid'] = [uid];
  if (groups?.length) headers['impersonate-group'] = groups;
  for (const [key, values] of Object.entries(extra ?? {})) {
    if (values.length > 0) headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values;
  }
  return headers;
}

function readFile(file: string, mayLack: boolean): Kubeconfig[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (mayLack && (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const given: unknown = parse(decoded(bytes));
  if (typeof given !== 'object' || given === null) throw new Error('it is empty, or no kubeconfig');
  const lists = given as Partial<Record<'clusters' | 'users' | 'contexts', unknown>>;
  const config: Kubeconfig = {
    ...given,
    clusters: listOf<NamedCluster>(lists.clusters),
    users: listOf<NamedUser>(lists.users),
    contexts: listOf<NamedContext>(lists.contexts),
  };
  makeAbsolute(config, dirname(resolve(file)));
  return [config];
}

/** PowerShell writes UTF-16. */
function decoded(bytes: Buffer): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? value : [];
}

function makeAbsolute({ clusters, users }: Kubeconfig, folder: string): void {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  for (const { cluster } of clusters) {
    if (cluster?.['certificate-authority'])
      cluster['certificate-authority'] = absolute(cluster['certificate-authority']);
  }
  for (const { user } of users) {
    if (!user) continue;
    for (const key of ['tokenFile', 'client-certificate', 'client-key'] as const) {
      const path = user[key];
      if (path) user[key] = absolute(path);
    }
    // A bare name is looked for in PATH.
    const { exec } = user;
    if (exec?.command?.includes(sep)) exec.command = absolute(exec.command);
  }
}

/** The first file to name something is right. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const firsts = <T extends Named>(all: readonly T[]) =>
    all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
  return {
    'current-context': configs.map((config) => config['current-context']).find(Boolean),
    clusters: firsts(configs.flatMap(({ clusters }) => clusters)),
    users: firsts(configs.flatMap(({ users }) => users)),
    contexts: firsts(configs.flatMap(({ contexts }) => contexts)),
  };
}
