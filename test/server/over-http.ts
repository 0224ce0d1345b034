/** `app.inject` over a connection: the bundle has no inject of its own, and the product must do without. */
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance, InjectOptions } from 'fastify';

/** The same server; it listens at the first request, if not before. */
export function askedOverHttp(app: FastifyInstance): FastifyInstance {
  let listening: Promise<unknown> | undefined;
  const inject = async (given: InjectOptions | string) => {
    if (!app.server.listening) listening ??= app.listen({ port: 0, host: '127.0.0.1' });
    await listening;
    const { port } = app.server.address() as AddressInfo;
    const { method = 'GET', url = '/', headers = {}, payload } = typeof given === 'string' ? { url: given } : given;
    const isText = payload === undefined || typeof payload === 'string' || Buffer.isBuffer(payload);
    const type = isText ? {} : { 'content-type': 'application/json' };
    const body = isText ? payload : JSON.stringify(payload);
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const target = { host: '127.0.0.1', port, method, path: escaped(url as string), headers: { ...type, ...headers } };
    request({ ...target, agent: false }, async (reply) => {
      const rawPayload = await buffer(reply);
      const body = rawPayload.toString();
      const { statusCode, headers } = reply;
      resolve({ statusCode, headers, rawPayload, body, payload: body, json: () => JSON.parse(body) });
    })
      .on('error', reject)
      .end(body);
    return promise;
  };
  return Object.assign(app, { inject });
}

/** Node sends no request line with blanks or letters beyond Latin-1; browsers escape them. */
function escaped(url: string): string {
  return url.toWellFormed().replace(/[^\x21-\xff]/gu, encodeURIComponent);
}
