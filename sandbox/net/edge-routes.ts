/** What Ingresses and HTTPRoutes say: which host and path lead to which service. */
import type { IncomingMessage } from 'node:http';
import type { HttpRoute } from '../kinds/gateway.ts';
import type { Ingress } from '../kinds/ingress.ts';

export interface EdgeRoute {
  /** Undefined: every host. */
  readonly host: string | undefined;
  readonly path: string;
  readonly isExact: boolean;
  readonly namespace: string;
  readonly service: string;
  readonly port: { number?: number; name?: string };
}

export function ofIngress({ metadata: { namespace = '' }, spec }: Ingress): readonly EdgeRoute[] {
  return (spec.rules ?? []).flatMap(({ host, http }) =>
    (http?.paths ?? []).flatMap(({ path = '/', pathType, backend: { service } }) =>
      service
        ? [{ host, path, isExact: pathType === 'Exact', namespace, service: service.name, port: service.port }]
        : [],
    ),
  );
}

export function ofHttpRoute({ metadata: { namespace = '' }, spec }: HttpRoute): readonly EdgeRoute[] {
  const hosts: readonly (string | undefined)[] = spec.hostnames ?? [undefined];
  return hosts.flatMap((host) =>
    (spec.rules ?? []).flatMap(({ matches = [{}], backendRefs: [backend] = [] }) =>
      matches.flatMap(({ path: { type, value = '/' } = {} }) =>
        backend
          ? [
              {
                host,
                path: value,
                isExact: type === 'Exact',
                namespace,
                service: backend.name,
                port: { ...(backend.port && { number: backend.port }) },
              },
            ]
          : [],
      ),
    ),
  );
}

/** Of those that fit the one with the longest path. */
export function routeFor(routes: readonly EdgeRoute[], { headers, url = '/' }: IncomingMessage): EdgeRoute | undefined {
  const host = headers.host?.replace(/:\d+$/, '').toLowerCase();
  const path = url.replace(/\?.*$/, '');
  const fits = (route: EdgeRoute) => {
    if (route.host !== undefined && route.host !== host) return false;
    const folder = route.path.replace(/\/$/, '');
    return route.isExact ? path === route.path : path === folder || path.startsWith(`${folder}/`);
  };
  return routes.filter(fits).toSorted((a, b) => b.path.length - a.path.length)[0];
}
