/** How pages and images are sent. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Asset } from './assets.ts';
import type { Markup } from './html.ts';

const compress = promisify(gzip);
/** A browser may keep what has the hash of its content in its name. */
const forEver = 'public, max-age=31536000, immutable';

/** Compressed off the main thread where the browser takes it: a page shrinks to a tenth. */
export async function sendPage(reply: FastifyReply, markup: Markup): Promise<FastifyReply> {
  const text = withRoot(markup, reply.request.root);
  reply.header('cache-control', 'no-store').header('vary', 'accept, accept-encoding, x-forwarded-prefix');
  reply.type('text/html; charset=utf-8');
  return takesGzip(reply.request)
    ? reply.header('content-encoding', 'gzip').send(await compress(text))
    : reply.send(text);
}

/** Every link of ours begins with `/`; quotes in what is not ours are escaped, so that nothing else looks like one. */
function withRoot({ text }: Markup, root: string): string {
  return root === '/' ? text : text.replaceAll(/ (href|src|action|data-root)="\//g, ` $1="${root}`);
}

export function sendAsset(reply: FastifyReply, { type, body, gzipped }: Asset): FastifyReply {
  reply.header('cache-control', forEver).header('vary', 'accept-encoding').type(type);
  return takesGzip(reply.request) ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(body);
}

export function sendImage(reply: FastifyReply, image: string, cache: string): FastifyReply {
  return reply.header('cache-control', cache).type('image/svg+xml').send(image);
}

/** A browser that follows a link or sends a form names text/html; the script names application/json alone. */
export function wantsJson({ headers }: FastifyRequest): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

function takesGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''));
}
