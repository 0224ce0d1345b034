import { isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { Defect, type FindingCode, throwFindings } from '../findings.ts';
import type { AnsweredRequest, HttpProbe, HttpTarget, ProbeView, RunScope } from '../model.ts';
import { addressesOf, dnsDefect } from './dns.ts';
import type { ProbeOptions } from './index.ts';

/** Longest a request may take, from the name's lookup to the last byte of the body. */
const requestMs = 5_000;
/** The first answer of a service is awaited in steps of that. */
const againMs = 100;
const atOnce = 10;
const longestBody = 64 * 1024;

interface Outcome {
  /** Status code, wrong_response, connection_error, timeout. */
  readonly result: string;
  readonly defect?: Defect;
  readonly userAgent: string;
}

export type BoundHttpProbe = HttpProbe & { close(): Promise<void> };

/** Plain requests on a new connection each, since a kept one would hide what the service balances. */
export function createHttpProbe(scope: RunScope, options: ProbeOptions): BoundHttpProbe {
  const dispatcher = dispatcherFor(options.proxy);
  const answered: AnsweredRequest[] = [];
  let sent = 0;
  let waitedMs = 0;

  const request = async (target: HttpTarget, page: string): Promise<Outcome> => {
    const userAgent = `kube-e2etests/${scope.id}-${++sent}`;
    const began = performance.now();
    const outcome = await ask({ target, page, userAgent, dispatcher, options, signal: scope.signal });
    const durationMs = performance.now() - began;
    scope.observed(observation(target, outcome, durationMs));
    if (!outcome.defect) {
      scope.measure({ kind: 'action', resource: target.resource, action: 'http_get', durationMs });
      answered.push({ target, userAgent });
    }
    return outcome;
  };
  const count = (target: HttpTarget, { result }: Outcome) =>
    scope.measure({ kind: 'http', resource: target.resource, result });

  /** The wait for a service's first answer is one chain for all ways to reach it: by address, then by name. */
  const firstAnswer = async (target: HttpTarget, page: string): Promise<void> => {
    const began = performance.now();
    for (;;) {
      const outcome = await request(target, page);
      const spentMs = performance.now() - began;
      if (!outcome.defect) {
        scope.measure({ kind: 'action', resource: 'service', action: 'reachable', durationMs: spentMs });
        return;
      }
      if (waitedMs + spentMs >= options.eventTimeoutMs) {
        waitedMs += spentMs;
        count(target, outcome);
        throw neverAnswered(target, outcome.defect, spentMs);
      }
      scope.waiting(`the first answer of ${titleOf(target)}: ${outcome.defect.message}`);
      await pause(againMs, undefined, { signal: scope.signal });
    }
  };

  return {
    answered,
    async requestEach(targets, page) {
      const outcomes = await inTurns(targets, (target) => request(target, page));
      for (const [index, outcome] of outcomes.entries()) count(targets[index] as HttpTarget, outcome);
      scope.note(`${outcomes.filter(({ defect }) => !defect).length} of ${targets.length} pods answered`);
      throwFindings(outcomes.flatMap(({ defect }) => defect ?? []));
    },
    async requestService(target, times, page) {
      await firstAnswer(target, page);
      const outcomes = await inTurns(
        Array.from({ length: times }, () => target),
        (one) => request(one, page),
      );
      for (const outcome of outcomes) count(target, outcome);
      scope.note(
        `${outcomes.filter(({ defect }) => !defect).length} of ${times} requests to ${titleOf(target)} answered`,
      );
      throwFindings(outcomes.flatMap(({ defect }) => defect ?? []));
    },
    close: () => dispatcher.destroy(),
  };
}

interface Question {
  readonly target: HttpTarget;
  readonly page: string;
  readonly userAgent: string;
  readonly dispatcher: Dispatcher;
  readonly options: ProbeOptions;
  readonly signal: AbortSignal;
}

async function ask({ target, page, userAgent, dispatcher, options, signal }: Question): Promise<Outcome> {
  const fail = (code: FindingCode, result: string, why: string): Outcome => ({
    result,
    userAgent,
    defect: new Defect(code, `GET ${titleOf(target)}: ${why}`, { object: target.object }),
  });
  const known = await addressesOf(target.host, options);
  if (known.result !== 'healthy')
    return { result: 'connection_error', userAgent, defect: dnsDefect(target.host, known, options) };
  const address = known.addresses[0] ?? '';
  // undici's own time-outs are coarse: 300 ms came at 540.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('time is over', 'TimeoutError')), requestMs);
  const both = AbortSignal.any([limit.signal, signal]);
  try {
    const response = await dispatcher.request({
      origin: `http://${isIPv6(address) ? `[${address}]` : address}:${target.port}`,
      path: '/',
      method: 'GET',
      headers: { host: target.host, 'user-agent': userAgent, connection: 'close' },
      signal: both,
      reset: true,
    } as Dispatcher.RequestOptions);
    const body = await response.body.text();
    if (response.statusCode !== 200) {
      return fail('http.status', String(response.statusCode), `expected 200, got ${response.statusCode}`);
    }
    if (body !== page)
      return fail('http.wrong_response', 'wrong_response', `expected ${quote(page)}, got ${quote(body)}`);
    return { result: '200', userAgent };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) return fail('http.timeout', 'timeout', `no answer within ${requestMs / 1000} s`);
    return fail('http.connection_error', 'connection_error', networkError(error));
  } finally {
    clearTimeout(timer);
  }
}

function dispatcherFor(proxy: string | undefined): Dispatcher {
  const limits = { pipelining: 0, maxResponseSize: longestBody } as const;
  return proxy
    ? new ProxyAgent({ uri: proxy, proxyTunnel: true, ...limits })
    : new Agent({ connect: { timeout: requestMs }, ...limits });
}

function neverAnswered(target: HttpTarget, last: Defect, afterMs: number): Defect {
  const { code, blame } = last.finding;
  // What the name server said is the better finding than the time-out that follows from it.
  if (code.startsWith('dns.') || blame === 'us') return last;
  return new Defect(
    'timeout.waiting_on_endpoints',
    `${titleOf(target)} did not answer as expected within ${(afterMs / 1000).toFixed(1)} s although its pods are ready: ${last.message}`,
    { object: target.object, cause: last },
  );
}

function titleOf(target: HttpTarget): string {
  return `${target.object.kind}/${target.object.name} at ${target.host}:${target.port}`;
}

function observation(target: HttpTarget, outcome: Outcome, durationMs: number): ProbeView {
  const byName = target.resource === 'service' && /[a-z]/i.test(target.host) && !isIPv6(target.host);
  return {
    target: target.resource === 'pod' ? 'pod' : byName ? 'service-name' : 'service-ip',
    to: `${target.host}:${target.port}`,
    ...(target.resource === 'pod' && { pod: target.object.name, node: target.node }),
    result: outcome.result,
    ...(outcome.defect && { detail: outcome.defect.message }),
    durationMs,
  };
}

/** In the order of the items, at most `atOnce` side by side. */
async function inTurns<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += atOnce) {
    results.push(...(await Promise.all(items.slice(index, index + atOnce).map(each))));
  }
  return results;
}

function networkError(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string')
      return `${cause.code}${cause.message ? ` (${cause.message})` : ''}`;
    if (!(cause.cause instanceof Error)) return cause.message;
  }
  return String(error);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
