/** Every error answer has one shape, and tells nothing of our insides. */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { nearest } from '../config/nearest.ts';
import { collectRoutes } from './routes-known.ts';

export function sendError(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode], message });
}

export interface ErrorOptions {
  /** Suites of this process: what a mistyped name may have meant. */
  readonly suites: readonly { readonly name: string }[];
  /** The error as a page, for browsers. */
  page(reply: FastifyReply, statusCode: number, message: string): Promise<FastifyReply>;
}

/** To be called before the routes are registered. */
export function answerErrors(app: FastifyInstance, options: ErrorOptions): void {
  const methodsOf = collectRoutes(app);
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const methods = methodsOf(path);
    const isOther = methods.length > 0 && !methods.includes(request.method);
    if (isOther) reply.header('allow', methods.join(', '));
    const [code, message] = isOther
      ? [405, `${path} takes ${methods.join(', ')}, not ${request.method}`]
      : [
          404,
          `No route ${request.method} ${path}${meant(path, options.suites)}; GET /openapi.json lists those there are`,
        ];
    const isBrowser = (request.headers.accept ?? '').includes('text/html');
    return isBrowser ? options.page(reply.code(code), code, message) : sendError(reply, code, message);
  });
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 400 && statusCode < 500) return sendError(reply, statusCode, error.message);
    request.log.error({ err: error, method: request.method, path: pathOf(request.url) }, 'a request met a defect');
    return sendError(reply, 500, 'A defect of this server; its log says more');
  });
}

/** 404, with the suites there are. */
export function sendUnknownSuite(reply: FastifyReply, suite: string, suites: ErrorOptions['suites']): FastifyReply {
  const known = suites.map(({ name }) => name).join(', ');
  return sendError(reply, 404, `No suite ${JSON.stringify(suite)} here${perhaps(suite, suites)}. Known: ${known}`);
}

/** `, perhaps http`, of a suite whose name is close to one that is not there. */
export function perhaps(name: string, suites: ErrorOptions['suites']): string {
  const near = nearest(
    name,
    suites.map((suite) => suite.name),
  );
  return near === undefined ? '' : `, perhaps ${near}`;
}

function meant(path: string, suites: ErrorOptions['suites']): string {
  const name = /^\/(?:suites|badge|run|results|slo)\/([^/]+?)(?:\.svg)?(?:\/run)?\/?$/.exec(path)?.[1];
  return name === undefined ? '' : perhaps(name, suites);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!.slice(0, 200);
}
