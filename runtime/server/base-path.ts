/** The page below a path: behind `kubectl proxy`, or a reverse proxy that serves us as https://example.net/e2e/. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Where our root is, for whoever asked: `/e2e/` where that is known (BASE_PATH, X-Forwarded-Prefix), else the way up from the page
     * that was asked for, such as `../`, which holds whatever a proxy has taken off in front of it.
     */
    root: string;
  }
}

/** A path of ours, or of a proxy's; two slashes would be another host. */
const prefix = /^(?:\/[\w.~!$&'()*+,;=:@%-]+)+$/;

/** Sets `request.root`. `basePath`: BASE_PATH, without a slash at its end. */
export function findRoots(app: FastifyInstance, basePath: string | undefined): void {
  app.decorateRequest('root', './');
  app.addHook('onRequest', async (request) => {
    request.root = rootOf(request, basePath);
  });
}

/** For proxies that leave BASE_PATH in front of the path they pass on. */
export function withoutBasePath(url: string, basePath: string | undefined): string {
  if (basePath === undefined || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/** A path of ours as a program may use it that knows our host, and no more. */
export function pathFrom({ root }: Pick<FastifyRequest, 'root'>, path: string): string {
  return (root.startsWith('/') ? root : '/') + path;
}

function rootOf({ url, headers }: FastifyRequest, basePath: string | undefined): string {
  const forwarded = String(headers['x-forwarded-prefix'] ?? '')
    .split(',', 1)[0]!
    .trim()
    .replace(/\/+$/, '');
  const known = basePath ?? (prefix.test(forwarded) ? forwarded : undefined);
  if (known !== undefined) return `${known}/`;
  const depth = url.split('?', 1)[0]!.split('/').length - 2;
  return depth > 0 ? '../'.repeat(depth) : './';
}
