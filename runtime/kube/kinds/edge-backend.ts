/** The service that a route leads to, as far as its evidence needs it: whether it is there at all. */
import type { V1Service } from '@kubernetes/client-node';
import type { ObjectView } from '../../model/evidence.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Ask } from './kind.ts';

const services: Served<V1Service> = { apiVersion: 'v1', kind: 'Service', plural: 'services' };

/** One LIST; nothing where it was not answered. */
export async function backendViews({ api, namespace, objects }: ClusterView, ask: Ask): Promise<readonly ObjectView[]> {
  const name = objects.service;
  const query = { namespace, fieldSelector: `metadata.name=${name}` };
  const listed = await ask('list services', (signal) => api.list(services, query, signal));
  if (!listed) return [];
  return [{ kind: 'service', name, state: listed.items.length > 0 ? 'is there' : 'is not there', conditions: [] }];
}
