/** What a route leads to: two ports of the test service. */
import type { V1Service } from '@kubernetes/client-node';
import type { ObjectView } from '../../model/evidence.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { secondPage, standardPage } from './configmap.ts';
import type { Ask } from './kind.ts';
import { servicePort } from './service.ts';
import { secondPort } from './test-objects.ts';

const services: Served<V1Service> = { apiVersion: 'v1', kind: 'Service', plural: 'services' };

/** What is served for a new route, by its path. */
export const routedPages = { '/': standardPage, '/second': secondPage } as const;

/**
 * The ports of the service by the paths of a route; `number`: that of `/`. Both are led to before and after `/` changes: a gateway may learn of a route and of
 * its endpoints by two ways, and answer 503 for a moment where a backend is new to it, or no longer in use.
 */
export function portsOf(number: number): readonly (readonly [path: string, port: number])[] {
  return [
    ['/', number],
    ['/first', servicePort],
    ['/second', secondPort],
  ];
}

/** Whether the service is there at all: one LIST; nothing where it was not answered. */
export async function backendViews({ api, namespace, objects }: ClusterView, ask: Ask): Promise<readonly ObjectView[]> {
  const name = objects.service;
  const query = { namespace, fieldSelector: `metadata.name=${name}` };
  const listed = await ask('list services', (signal) => api.list(services, query, signal));
  if (!listed) return [];
  return [{ kind: 'service', name, state: listed.items.length > 0 ? 'is there' : 'is not there', conditions: [] }];
}
