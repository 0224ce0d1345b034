import { isIPv6 } from 'node:net';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { hostTrouble, proxyTrouble, withoutLogin } from '../blame/way.ts';
import { Defect } from '../defects.ts';
import type { FindingCode } from '../findings.ts';
import type { HttpTarget } from '../model/probing.ts';
import { addressesOf, dnsDefect } from './dns.ts';
import type { ProbeOptions } from './probe-options.ts';

/** Longest a request may take, from the connection to the last byte of the body, where the cluster has that long; a look-up has its own limit. */
const longestRequestMs = 5_000;
const longestBody = 64 * 1024;

export interface Question {
  readonly target: HttpTarget;
  /** The body that is expected. */
  readonly page: string;
  readonly userAgent: string;
  /** Milliseconds left for an answer; a request takes no more than 5 s of them. */
  readonly limitMs: number;
}

export interface Outcome {
  /** Status code, wrong_response, connection_error, timeout, not_asked. */
  readonly result: string;
  readonly defect?: Defect;
  /** What came, where it was not what was expected. */
  readonly answer?: Answer;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The header `Server`. */
  readonly server?: string;
  /** The header `Location`. */
  readonly location?: string;
}

export interface Requester {
  /** One GET on a connection of its own. Throws only when `signal` is aborted. */
  ask(question: Question, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

export function createRequester(options: ProbeOptions): Requester {
  const dispatcher = dispatcherFor(options.proxy);
  return {
    ask: (question, signal) => ask(question, signal, dispatcher, options),
    close: () => dispatcher.destroy(),
  };
}

async function ask(
  { target, page, userAgent, limitMs }: Question,
  signal: AbortSignal,
  dispatcher: Dispatcher,
  options: ProbeOptions,
): Promise<Outcome> {
  const known = await orAborted(addressesOf(target.host, options), signal);
  if (known.result !== 'healthy')
    return { result: 'connection_error', defect: await dnsDefect(target.host, known, options) };
  const mostMs = Math.max(1, Math.min(limitMs, longestRequestMs));
  // undici's own time-outs are coarse: 300 ms came at 540.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('time is over', 'TimeoutError')), mostMs);
  const over = AbortSignal.any([limit.signal, signal]);
  const get = async (): Promise<Outcome> => {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: originOf(known.addresses[0] ?? '', target.port),
      path: target.path ?? '/',
      method: 'GET',
      headers: { host: authority(target.named ?? target.host, target.port), 'user-agent': userAgent },
      signal: over,
      reset: true,
    });
    const [server, location] = [headers.server, headers.location].map((value) => value?.toString());
    return judge(target, page, {
      status: statusCode,
      body: await body.text(),
      ...(server && { server }),
      ...(location && { location }),
    });
  };
  try {
    return await orAborted(get(), over);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted)
      return failed(target, 'http.timeout', 'timeout', `no answer within ${secondsText(mostMs)}`);
    const ours = ownTrouble(error, options);
    if (ours) return notAsked(target, ours);
    return failed(target, 'http.connection_error', 'connection_error', networkError(error));
  } finally {
    clearTimeout(timer);
  }
}

/** A look-up hears no signal, and undici's ProxyAgent none while a CONNECT is unanswered: its request ends when the agent is destroyed. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  promise.catch(() => {}).finally(() => signal.removeEventListener('abort', abort));
  return Promise.race([promise, aborted]);
}

function judge(target: HttpTarget, page: string, answer: Answer): Outcome {
  const { status, body } = answer;
  if (status === 200 && body === page) return { result: '200' };
  const wrong =
    status === 200
      ? failed(target, 'http.wrong_response', 'wrong_response', `expected ${quote(page)}, got ${quote(body)}`)
      : failed(target, 'http.status', String(status), `expected 200, got ${status}`);
  return { ...wrong, answer };
}

function failed(target: HttpTarget, code: FindingCode, result: string, why: string): Outcome {
  return { result, defect: new Defect(code, `GET ${titleOf(target)}: ${why}`, { object: target.object }) };
}

/** Nobody was asked: that says nothing about the cluster. */
function notAsked(target: HttpTarget, why: string): Outcome {
  const message = `GET ${titleOf(target)}: not asked: ${why}`;
  return { result: 'not_asked', defect: new Defect('k8s.prerequisite_missing', message, { object: target.object }) };
}

export function ownTrouble(error: unknown, { proxy, inCluster }: ProbeOptions): string | undefined {
  const ofProxy = proxy ? proxyTrouble(error) : undefined;
  if (proxy && ofProxy) return `PROBE_PROXY ${withoutLogin(proxy)} ${ofProxy.what}`;
  const ofHost = hostTrouble(error);
  if (ofHost) return `this machine cannot make a connection (${ofHost})`;
  const isCut = !inCluster && !proxy && error instanceof Error && 'code' in error && error.code === 'ENETUNREACH';
  return isCut ? 'this machine has no route to the pod network: run in the cluster, or set PROBE_PROXY' : undefined;
}

export function titleOf(target: HttpTarget): string {
  const { object, named, host, port, path = '' } = target;
  return `${object.kind}/${object.name}${named ? ` (${named})` : ''} at ${bracketed(host)}:${port}${path}`;
}

export function dispatcherFor(proxy: string | undefined): Dispatcher {
  const limits = { pipelining: 0, maxResponseSize: longestBody };
  if (proxy) return new ProxyAgent({ uri: proxy, proxyTunnel: true, ...limits });
  return new Agent({ connect: { timeout: longestRequestMs }, ...limits });
}

export function originOf(address: string, port: number): string {
  return `http://${addressText(address, port)}`;
}

/** As people write it: `10.0.0.1:80`, `[fd00::1]:80`. */
export function addressText(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** What a Host header holds: without the port where it is the scheme's own. RFC 9110, 7.2 */
function authority(host: string, port: number): string {
  return port === 80 ? bracketed(host) : addressText(host, port);
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** To a tenth: what is left of a wait is no whole number. */
export function secondsText(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

export function networkError(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const refused = /Proxy response \((\d+)\)/.exec(cause.message);
    if (refused) return `PROBE_PROXY could not connect (its answer is ${refused[1]})`;
    if ('code' in cause && typeof cause.code === 'string')
      return `${cause.code}${cause.message ? ` (${cause.message})` : ''}`;
    if (!(cause.cause instanceof Error)) return cause.message;
  }
  return String(error);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
