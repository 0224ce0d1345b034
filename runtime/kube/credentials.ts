import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { RequestOptions } from 'node:https';
import { KubeConfig, type RequestContext } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import { Defect } from '../findings.ts';

/** How the cluster is found. */
export type ClusterSource = { readonly kind: 'in-cluster' } | { readonly kind: 'kubeconfig'; readonly path: string };

/** How long credentials may take: an exec plugin may have to ask a cloud. */
const longestMs = 10_000;

/**
 * Credentials of the client library on one keep-alive pool of connections.
 *
 * The library opens a connection per call; this subclass gives calls, watches and logs one agent, made anew only when
 * the TLS identity changes (a renewed client certificate, another CA).
 */
export class PooledKubeConfig extends KubeConfig {
  #pool: Agent | undefined;
  #identity = '';
  #asked: Promise<RequestOptions> | undefined;

  /** How the proxy on the way is named; undefined: none. */
  get proxy(): string | undefined {
    return this.getCurrentCluster()?.proxyUrl;
  }

  /** Resolves when there are credentials, at once where there are. At most 10 s. Raises k8s.prerequisite_missing. */
  async authenticated(): Promise<void> {
    await this.#credentials();
  }

  /** At most 10 s. Raises k8s.prerequisite_missing: credentials that cannot be had are no answer of the cluster. */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    // A proxy needs the library's own dispatcher, pooled or not.
    if (this.getCurrentCluster()?.proxyUrl) {
      await this.#credentials();
      return super.applySecurityAuthentication(context);
    }
    const options = await this.#credentials();
    for (const [name, value] of Object.entries(options.headers ?? {})) context.setHeaderParam(name, String(value));
    if (options.auth) {
      context.setHeaderParam('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    // The library types its dispatcher as undici's interface; both are the same installed package.
    context.setDispatcher(this.#agentFor(options) as Dispatcher as never);
  }

  async #credentials(): Promise<RequestOptions> {
    // Calls side by side ask once: an exec plugin may be slow, and the library keeps only what it has answered.
    this.#asked ??= inTime(this.#ask()).finally(() => {
      this.#asked = undefined;
    });
    try {
      return await this.#asked;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const user = this.getCurrentUser()?.name ?? 'without a user';
      const message = `Cannot get the credentials of user ${user} in the kubeconfig: ${why}`;
      throw new Defect('k8s.prerequisite_missing', message, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = undefined;
    this.#identity = '';
  }

  async #ask(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.applyToHTTPSOptions(options);
    return options;
  }

  #agentFor({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: RequestOptions): Agent {
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    const identity = JSON.stringify(tls, (_, value) => (Buffer.isBuffer(value) ? value.toString('base64') : value));
    if (!this.#pool || identity !== this.#identity) {
      const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
      void this.#pool?.close();
      this.#pool = new Agent({ connect: { ...given, timeout: 10_000 }, keepAliveTimeout: 30_000, allowH2: false });
      this.#identity = identity;
    }
    return this.#pool;
  }
}

/** Reads the credentials. Raises k8s.prerequisite_missing, naming what to set, when they cannot be read. */
export function loadCredentials(source: ClusterSource): PooledKubeConfig {
  const config = new PooledKubeConfig();
  endPlugins(config);
  try {
    if (source.kind === 'in-cluster') config.loadFromCluster();
    else config.loadFromFile(source.path);
  } catch (error) {
    // Its further lines quote the file, and with it what is secret there.
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    const where = source.kind === 'in-cluster' ? 'the service account of this pod' : `KUBECONFIG ${source.path}`;
    throw new Defect('k8s.prerequisite_missing', `Cannot read ${where}: ${why}`, { cause: error });
  }
  if (!config.getCurrentCluster()) {
    throw new Defect(
      'k8s.prerequisite_missing',
      'The kubeconfig has no current context that names a cluster: set current-context',
    );
  }
  for (const cluster of config.clusters) {
    // Such as of kubectl proxy. There is no TLS to verify; the library wants to be told.
    if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  }
  return config;
}

async function inTime<T>(credentials: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`none came within ${longestMs / 1000} s`)), longestMs);
  try {
    return await Promise.race([credentials, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Spawn = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/** The library waits for an exec plugin for ever, and a plugin that hangs keeps our process alive: it is killed. */
function endPlugins(config: KubeConfig): void {
  const { authenticators } = config as unknown as { authenticators: { execFn?: Spawn }[] };
  for (const authenticator of authenticators) {
    if (!authenticator.execFn) continue;
    authenticator.execFn = (command, args, options) =>
      spawn(command, args, { ...options, timeout: longestMs, killSignal: 'SIGKILL' });
  }
}
