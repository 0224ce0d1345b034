/** One report to another process: redirects are followed on its own host, and what it answers is read to a bound. */
import type { Dispatcher } from 'undici';
import { clean } from '../words/text.ts';

export interface Delivered {
  readonly statusCode: number;
  /** The beginning of the answer, or where it redirects to. */
  readonly words: string;
  /** The path, or the URL it was redirected to, that answered so. */
  readonly from: string;
}

const mostRedirects = 3;
const longestAnswerBytes = 4_096;
const longestWords = 300;

/** Sends to `url`, and on to where that redirects. Throws what `send` throws, with the URL in it where that is another one. */
export async function deliver(url: URL, send: (to: URL) => Promise<Dispatcher.ResponseData>): Promise<Delivered> {
  let to = url;
  for (let redirects = 0; ; redirects += 1) {
    const { statusCode, headers, body } = await send(to).catch((error) => {
      throw to === url
        ? error
        : new Error(`it redirects to ${shown(to)}, and there ${reasonOf(error)}`, { cause: error });
    });
    const words = await beginningOf(body);
    const from = to === url ? url.pathname : shown(to);
    const next = statusCode >= 300 && statusCode < 400 ? redirectOf(headers.location, to) : undefined;
    if (!next) return { statusCode, words, from };
    if (redirects >= mostRedirects || !isFollowed(next, to))
      return { statusCode, words: `it redirects to ${shown(next)}; set REPORT_URL to where that leads`, from };
    to = next;
  }
}

/** Same host, and never from https to http: the token goes with it. */
function isFollowed(next: URL, from: URL): boolean {
  const isSafe = next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:');
  return isSafe && next.hostname === from.hostname;
}

function redirectOf(location: string | string[] | undefined, from: URL): URL | undefined {
  return location ? (URL.parse(String(location), from.href) ?? undefined) : undefined;
}

function shown({ origin, pathname }: URL): string {
  return clean(`${origin}${pathname}`, longestWords);
}

/** What an answer says, at most 300 characters. The rest is not read: it may be a page of any length, or never end. */
export async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= longestAnswerBytes) break;
  }
  const text = Buffer.concat(chunks).subarray(0, longestAnswerBytes).toString();
  return clean(text.replace(/\s+/g, ' '), longestWords);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
