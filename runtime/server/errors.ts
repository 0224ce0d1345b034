/** Every error answer has one shape, and tells nothing of our insides. */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';

export function sendError(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode], message });
}

export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, `No route ${request.method} ${pathOf(request.url)}; GET /openapi.json lists those there are`),
  );
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 400 && statusCode < 500) return sendError(reply, statusCode, error.message);
    request.log.error({ err: error, method: request.method, path: pathOf(request.url) }, 'a request met a defect');
    return sendError(reply, 500, 'A defect of this server; its log says more');
  });
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!.slice(0, 200);
}
