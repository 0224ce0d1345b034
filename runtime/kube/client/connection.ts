/**
 * The way to the API server: credentials, one pool of connections, and on them any object and the watch. Only this file and credentials.ts
 * load the client library, when the process listens already.
 */
import { Watch } from '@kubernetes/client-node';
import type { Login } from './calls.ts';
import { type ClusterSource, loadCredentials } from './credentials.ts';
import { createObjectClient } from './objects.ts';
import { Presence } from './presence.ts';
import type { Proxies } from './proxy.ts';
import type { ObjectClient } from './served.ts';
import { createTransport } from './transport.ts';

export interface ConnectionOptions {
  /** HTTPS_PROXY and its like; default none. */
  readonly proxies?: Proxies;
  /** How long an API server that never answered is tried; milliseconds, default as any other. */
  readonly firstContactMs?: number;
}

export interface Connection {
  readonly api: ObjectClient;
  readonly watcher: Watch;
  readonly presence: Presence;
  readonly login: Login;
  /** The context, or in-cluster. */
  readonly name: string;
  /** As the kubeconfig has it. */
  readonly server: string;
  /** The namespace this process is at home in: holds the lock of suites that have none. */
  readonly home: string;
  close(): Promise<void>;
}

/** Reads the credentials; sends nothing. Raises k8s.prerequisite_missing. */
export function openConnection(source: ClusterSource, { proxies, firstContactMs }: ConnectionOptions = {}): Connection {
  const config = loadCredentials(source, proxies);
  const server = config.getCurrentCluster()?.server ?? '';
  const isGiven = source.kind === 'kubeconfig';
  const presence = new Presence({ server, isGiven, proxy: config.proxy, firstContactMs });
  const context = config.getCurrentContext();
  return {
    api: createObjectClient(createTransport(config, (status) => presence.answered(status))),
    watcher: new Watch(config),
    presence,
    login: config,
    name: isGiven ? context : 'in-cluster',
    server,
    home: config.getContextObject(context)?.namespace ?? 'default',
    close: () => config.close(),
  };
}
