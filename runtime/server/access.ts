/** Who may change something here. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from './error-reply.ts';
import { type Known, refusalOfOrigin } from './origin.ts';

type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** An onRequest hook. 401 without a token, 403 with a wrong one; 403 for a form of another site in somebody's browser. */
export function requireToken(token: string | undefined, known: Known): Guard {
  const isRight = token === undefined ? undefined : tokenCheck(token);
  return async (request, reply) => {
    const stranger = refusalOfOrigin(request.headers, known);
    if (stranger !== undefined) return sendError(reply, 403, stranger);
    if (!isRight) return undefined;
    const refusal = tokenRefusal(isRight, request.headers.authorization?.match(/^Bearer +(\S+)$/i)?.[1]);
    if (!refusal) return undefined;
    return sendError(reply.header('www-authenticate', 'Bearer'), refusal.statusCode, refusal.message);
  };
}

/** Why the token given will not do; undefined where it does. */
export function tokenRefusal(
  isRight: (token: string) => boolean,
  given: string | undefined,
): { readonly statusCode: 401 | 403; readonly message: string } | undefined {
  if (!given) return { statusCode: 401, message: 'A token is required: send Authorization: Bearer <RUN_TOKEN>' };
  return isRight(given) ? undefined : { statusCode: 403, message: 'Wrong token' };
}

/** Compares in constant time, whatever the length. */
export function tokenCheck(token: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (given) => timingSafeEqual(digest(given), wanted);
}
