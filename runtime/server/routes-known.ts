/** Which methods a path takes: for whoever asks with another one. */
import type { FastifyInstance } from 'fastify';

/** To be called before the routes are registered. */
export function collectRoutes(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly method: string; readonly path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}/?$`);
    for (const one of [method].flat()) routes.push({ method: one, path });
  });
  return (path) => [...new Set(routes.filter((route) => route.path.test(path)).map(({ method }) => method))].sort();
}
