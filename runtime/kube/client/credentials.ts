import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { KubeConfig, type RequestContext } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { withoutLogin } from '../../blame/way.ts';
import { Defect } from '../../defects.ts';
import { version } from '../../words/version.ts';
import { type ExecCredential, runPlugin } from './exec-plugin.ts';
import { withHeaders, withoutRedirects } from './interceptors.ts';
import { type ReadKubeconfig, readKubeconfig } from './kubeconfig.ts';
import { type Proxies, proxyFor } from './proxy.ts';

/** How the cluster is found; a list of kubeconfigs has the separator of paths between them. */
export type ClusterSource =
  | { readonly kind: 'in-cluster' }
  /** `context`: default the current one. */
  | { readonly kind: 'kubeconfig'; readonly path: string; readonly context?: string };

/** How long credentials may take: an exec plugin may have to ask a cloud. */
const longestMs = 10_000;
/** How long a token that was read from a file is taken for the one that is there. */
const tokenHoldsMs = 60_000;
/** A credential that is about to expire is asked for anew. */
const earlyMs = 10_000;
/** How long nobody is asked again after no answer came in time. */
const lateHoldsMs = 5_000;

/**
 * Credentials of the client library on one keep-alive pool of connections.
 *
 * The library opens a connection per call; this subclass gives calls, watches and logs one agent, made anew only when
 * the TLS identity changes (a renewed client certificate, another CA).
 */
export class PooledKubeConfig extends KubeConfig {
  #pool: Agent | ProxyAgent | undefined;
  #dispatcher: Dispatcher | undefined;
  #identity = '';
  #asked: Promise<RequestOptions> | undefined;
  #given: ReadKubeconfig | undefined;
  #proxy: string | undefined;
  /** What the login command or the token file gave, while it holds. */
  #held: { readonly credential: ExecCredential; readonly until: number } | undefined;
  readonly #asking = new AbortController();
  #late: { readonly defect: Defect; readonly until: number } | undefined;

  /** Reads and merges. Throws with what is wrong. */
  loadFiles(paths: string, context?: string): void {
    this.#given = readKubeconfig(paths, context);
    this.loadFromString(this.#given.text);
  }

  /** HTTPS_PROXY and its like, for a cluster whose kubeconfig names none. */
  useProxies(proxies: Proxies): void {
    const { proxyUrl, server = '' } = this.getCurrentCluster() ?? {};
    this.#proxy = proxyUrl || proxyFor(server, proxies);
  }

  /** How the proxy on the way is named; undefined: none. */
  get proxy(): string | undefined {
    return this.#proxy && withoutLogin(this.#proxy);
  }

  /** Resolves when there are credentials, at once where there are. At most 10 s. Raises k8s.prerequisite_missing. */
  async authenticated(): Promise<void> {
    await this.#credentials();
  }

  /** They were not accepted: the next call asks for others. False where there is nobody to ask. */
  renew(): boolean {
    this.#held = undefined;
    return Boolean(this.#given?.exec || this.#given?.tokenFile);
  }

  /** At most 10 s. Raises k8s.prerequisite_missing: credentials that cannot be had are no answer of the cluster. */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    const { headers, dispatcher } = await this.authorization();
    for (const [name, value] of Object.entries(headers)) context.setHeaderParam(name, value);
    // The library types its dispatcher as undici's interface; both are the same installed package.
    context.setDispatcher(dispatcher as never);
  }

  /** What a request says of who sends it, and the connections that it goes over. Raises what applySecurityAuthentication raises. */
  async authorization(): Promise<{ headers: Record<string, string>; dispatcher: Dispatcher }> {
    const options = await this.#credentials();
    const { auth } = options;
    const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]);
    const headers = {
      ...Object.fromEntries(given),
      ...(auth && { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
    };
    return { headers, dispatcher: this.#dispatcherFor(options) };
  }

  async #credentials(): Promise<RequestOptions> {
    if (this.#late && performance.now() < this.#late.until) throw this.#late.defect;
    // Calls side by side ask once: an exec plugin may be slow.
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = undefined;
    });
    try {
      return await this.#asked;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const user = this.#given?.user ?? this.getCurrentUser()?.name ?? 'without a user';
      const message = `Cannot get the credentials of user ${user} in the kubeconfig: ${why}`;
      const defect = new Defect('k8s.prerequisite_missing', message, { cause: error });
      // Whoever asks next, as for evidence, need not wait for the same again.
      if (/^none came within/.test(why)) this.#late = { defect, until: performance.now() + lateHoldsMs };
      throw defect;
    }
  }

  async close(): Promise<void> {
    this.#asking.abort(new Error('this process ends'));
    await this.#pool?.destroy();
    this.#pool = undefined;
    this.#identity = '';
  }

  async #ask(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    const held = await this.#holding();
    await inTime(this.applyToHTTPSOptions(options));
    // The library's own agent has no part in what we send.
    delete options.agent;
    if (held?.token) options.headers = { ...options.headers, Authorization: `Bearer ${held.token}` };
    if (held?.clientCertificateData) options.cert = held.clientCertificateData;
    if (held?.clientKeyData) options.key = held.clientKeyData;
    return options;
  }

  async #holding(): Promise<ExecCredential | undefined> {
    const { exec, tokenFile, cluster } = this.#given ?? {};
    if (this.#held && Date.now() < this.#held.until) return this.#held.credential;
    if (exec) {
      const credential = await this.#inTime((signal) => runPlugin(exec, cluster ?? {}, signal));
      const end = Date.parse(credential.expirationTimestamp ?? '');
      // Without an end it holds until it is not accepted.
      this.#held = { credential, until: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end - earlyMs };
    } else if (tokenFile) {
      this.#held = { credential: this.#tokenIn(tokenFile), until: Date.now() + tokenHoldsMs };
    }
    return this.#held?.credential;
  }

  /** A file that is being replaced leaves the token of before. */
  #tokenIn(file: string): ExecCredential {
    try {
      const token = readFileSync(file, 'utf8').trim();
      if (token) return { token };
      throw new Error(`tokenFile ${file} is empty`);
    } catch (error) {
      const before = this.#held?.credential.token ?? this.getCurrentUser()?.token;
      if (before) return { token: before };
      throw error;
    }
  }

  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`none came within ${longestMs / 1000} s`)), longestMs);
    try {
      return await work(AbortSignal.any([late.signal, this.#asking.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  #dispatcherFor({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: RequestOptions): Dispatcher {
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    const identity = JSON.stringify(tls, (_, value) => (Buffer.isBuffer(value) ? value.toString('base64') : value));
    if (!this.#pool || !this.#dispatcher || identity !== this.#identity) {
      const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
      void this.#pool?.close();
      this.#pool = this.#poolFor(given);
      this.#dispatcher = this.#pool.compose(
        withoutRedirects,
        withHeaders({ 'user-agent': [`kube-e2etests/${version}`], ...this.#given?.impersonation }),
      );
      this.#identity = identity;
    }
    return this.#dispatcher;
  }

  #poolFor(tls: object): Agent | ProxyAgent {
    const limits = { keepAliveTimeout: 30_000, allowH2: false };
    if (!this.#proxy) return new Agent({ connect: { ...tls, timeout: 10_000 }, ...limits });
    if (!/^socks/i.test(this.#proxy)) {
      return new ProxyAgent({
        uri: this.#proxy,
        requestTls: { ...tls, timeout: 10_000 },
        proxyTunnel: true,
        ...limits,
      });
    }
    // The library has the one for SOCKS.
    const cluster = { ...this.getCurrentCluster(), proxyUrl: this.#proxy };
    return (this as unknown as { createDispatcher(cluster: object, tls: object): Agent }).createDispatcher(
      cluster,
      tls,
    );
  }
}

/** Reads the credentials. Raises k8s.prerequisite_missing, naming what to set, when they cannot be read. */
export function loadCredentials(source: ClusterSource, proxies: Proxies = {}): PooledKubeConfig {
  const config = new PooledKubeConfig();
  try {
    if (source.kind === 'in-cluster') config.loadFromCluster();
    else config.loadFiles(source.path, source.context);
  } catch (error) {
    // Its further lines quote the file, and with it what is secret there.
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    const where = source.kind === 'in-cluster' ? 'the service account of this pod' : `KUBECONFIG ${source.path}`;
    throw new Defect('k8s.prerequisite_missing', `Cannot read ${where}: ${why}`, { cause: error });
  }
  for (const cluster of config.clusters) {
    // Such as of kubectl proxy. There is no TLS to verify; the library wants to be told.
    if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  }
  config.useProxies(source.kind === 'in-cluster' ? {} : proxies);
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
