/** Says in one POST that the headline has changed: in order, tried again, never in the way of a run. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { EnvHttpProxyAgent, request } from 'undici';
import { isSameTrouble } from '../diagnosis/headline.ts';
import type { Headline } from '../model/diagnosis.ts';
import { type Notice, type NotifyFormat, shapes } from './notice.ts';
import { beginningOf, reasonOf } from './report-delivery.ts';

export interface NotifyOptions {
  /** NOTIFY_URL. It may hold a secret: only its origin is ever logged. */
  readonly url: string;
  readonly format: NotifyFormat;
  /** PAGE_URL: where the page is opened. */
  readonly page?: string;
  readonly headline: () => Headline | undefined;
  readonly cluster: () => string;
  /** True during a maintenance: what breaks is said when it is over, if it is still broken then. Default: never. */
  readonly isHeld?: () => boolean;
  readonly log: { warn(fields: object, message: string): void };
  /** HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY: the way to the receiver. */
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly all?: string; readonly none?: string };
  /** Limit of one request. Default 10,000 ms. */
  readonly requestMs?: number;
  /** Pause after a failure, doubled up to a minute. Default 1,000 ms. */
  readonly retryMs?: number;
  /** Default: what the format needs. */
  readonly repeatMs?: number;
}

export interface Notifier {
  /** Compares what stands with what was said: to be called whenever it may have changed. */
  look(): void;
  /** Sends what waits, once, within 4 s. */
  close(): Promise<void>;
}

type Outcome = 'taken' | 'refused' | 'again';

const mostWaiting = 100;
const longestRetryMs = 60_000;
const closeMs = 4_000;
/** Nothing was sent: to try again sends nothing twice. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Warns once per outage of the receiver. What could not be delivered waits, the newest 100. */
export function createNotify(options: NotifyOptions): Notifier {
  const { format, page, headline, cluster, log, isHeld = () => false, requestMs = 10_000, retryMs = 1_000 } = options;
  const shape = shapes[format];
  const { repeatMs = shape.repeatMs } = options;
  const url = new URL(options.url);
  if (format === 'alertmanager' && !url.pathname.endsWith('/alerts'))
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v2/alerts`;
  const dispatcher = wayTo(options.proxies ?? {});
  const queue: Notice[] = [];
  const stop = new AbortController();
  const hurry = new AbortController();
  let said: Headline | undefined;
  let sending: Promise<void> | undefined;
  let isWarned = false;
  let repeat: NodeJS.Timeout | undefined;

  function warn(text: string): void {
    if (!isWarned) log.warn({ sink: 'notify' }, `Notices do not reach ${url.origin}: ${text}`);
    isWarned = true;
  }

  async function send(notice: Notice): Promise<Outcome> {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(requestMs)]);
    const body = JSON.stringify(shape.body(notice));
    try {
      const headers = { 'content-type': shape.contentType };
      const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher });
      const { statusCode } = answer;
      const words = await beginningOf(answer.body);
      if (statusCode < 300) {
        isWarned = false;
        return 'taken';
      }
      warn(`it answers ${statusCode}${words && `: ${words}`}`);
      return statusCode >= 500 || statusCode === 429 || statusCode === 408 ? 'again' : 'refused';
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const isSafe = shape.isSafeTwice || notSent.has(code);
      warn(`${reasonOf(error)}${isSafe ? '' : '; it is not sent again, since it may have arrived'}`);
      return isSafe ? 'again' : 'refused';
    }
  }

  async function drain(): Promise<void> {
    let waitMs = retryMs;
    for (let next = queue[0]; next && !stop.signal.aborted; next = queue[0]) {
      if ((await send(next)) === 'again') {
        await pause(waitMs, undefined, { signal: hurry.signal, ref: false }).catch(() => undefined);
        if (hurry.signal.aborted) return;
        waitMs = Math.min(waitMs * 2, longestRetryMs);
        continue;
      }
      waitMs = retryMs;
      if (queue[0] === next) queue.shift();
    }
  }

  function start(): void {
    sending ??= drain().finally(() => {
      sending = undefined;
      if (queue.length > 0 && !hurry.signal.aborted) start();
    });
  }

  function put(status: Notice['status'], about: Headline): void {
    const at = new Date().toISOString();
    queue.push({ id: randomUUID(), status, headline: about, at, cluster: cluster(), ...(page && { page }) });
    // The first may be on its way.
    if (queue.length > mostWaiting) queue.splice(1, 1);
    start();
  }

  function again(): void {
    if (said && queue.length === 0) put('broken', said);
  }

  function look(): void {
    const before = said;
    const now = headline();
    const isSame = before && now && isSameTrouble(before, now);
    const news = isSame || !isHeld() ? now : undefined;
    said = news;
    if (isSame) return;
    clearInterval(repeat);
    if (before) put('over', before);
    if (news) put('broken', news);
    if (news && repeatMs !== undefined) repeat = setInterval(again, repeatMs).unref();
  }

  return {
    look,
    async close() {
      clearInterval(repeat);
      hurry.abort();
      const limit = setTimeout(() => stop.abort(), closeMs).unref();
      await (sending ?? drain());
      clearTimeout(limit);
      if (queue.length > 0) log.warn({ sink: 'notify' }, `${queue.length} notices were not delivered to ${url.origin}`);
      await dispatcher.close();
    },
  };
}

/** Empty settings for none, since undici would read the environment itself. `proxy:3128` means http, as it does to curl. */
function wayTo({ http, https, all, none = '' }: NonNullable<NotifyOptions['proxies']>): EnvHttpProxyAgent {
  const [httpProxy, httpsProxy] = [http ?? all, https ?? all].map((proxy = '') =>
    proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`,
  );
  return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy: none });
}
