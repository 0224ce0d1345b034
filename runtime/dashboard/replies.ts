/** How pages and images are sent. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Markup } from './html.ts';

export function sendPage(reply: FastifyReply, { text }: Markup): FastifyReply {
  return reply.header('cache-control', 'no-store').header('vary', 'accept').type('text/html; charset=utf-8').send(text);
}

export function sendImage(reply: FastifyReply, image: string, cache: string): FastifyReply {
  return reply.header('cache-control', cache).type('image/svg+xml').send(image);
}

/** A browser that follows a link or sends a form names text/html; the script names application/json alone. */
export function wantsJson({ headers }: FastifyRequest): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}
