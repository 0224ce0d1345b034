/** The endpoints of the test service: EndpointSlice where the cluster serves v1 of it, else Endpoints. */
import type { V1EndpointSlice, V1Endpoints } from '@kubernetes/client-node';
import type { EndpointsView } from '../../model/evidence.ts';
import type { Grant } from '../../model/use.ts';
import type { Served } from '../client/served.ts';
import type { Watched } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { endpointsView, sliceView } from './views.ts';

const slices: Served<V1EndpointSlice> = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
};
const endpoints: Served<V1Endpoints> = { apiVersion: 'v1', kind: 'Endpoints', plural: 'endpoints' };

type AnyEndpoints = V1EndpointSlice | V1Endpoints;

/** A cluster serves them in one of two ways. */
export function endpointGrants(verbs: readonly string[]): readonly Grant[] {
  return [
    { group: '', resource: 'endpoints', verbs },
    { group: 'discovery.k8s.io', resource: 'endpointslices', verbs },
  ];
}

/** Since 1.21; one request in the run that asks first. */
export function servesSlices(view: ClusterView): Promise<boolean> {
  return view.serves(slices);
}

/** Them now, of the service with that uid; every version serves Endpoints, slices only where that is known already. */
export async function readEndpoints(view: ClusterView, uid: string, signal: AbortSignal): Promise<EndpointsView> {
  const sliced = view.knowsToServe(slices) ?? false;
  const { kind, selectors } = servedAs(view, sliced);
  const { items } = await view.api.list<AnyEndpoints>(kind, { namespace: view.namespace, ...selectors }, signal);
  return viewed(view, sliced, uid, items);
}

export interface WatchedEndpoints {
  readonly watched: Watched<AnyEndpoints>;
  view(objects: readonly AnyEndpoints[]): EndpointsView;
}

export async function watchEndpoints(view: ClusterView, uid: string): Promise<WatchedEndpoints> {
  const sliced = await servesSlices(view);
  const { kind, selectors } = servedAs(view, sliced);
  const watched = view.watch<AnyEndpoints>({
    what: `endpoints of service/${view.objects.service}`,
    kind,
    ...selectors,
  });
  await watched.start();
  return { watched, view: (objects) => viewed(view, sliced, uid, objects) };
}

/** And what the service's name selects there. */
function servedAs(view: ClusterView, sliced: boolean) {
  const { service } = view.objects;
  const kind: Served<AnyEndpoints> = sliced ? slices : endpoints;
  const selectors = sliced
    ? { labelSelector: `kubernetes.io/service-name=${service}` }
    : { fieldSelector: `metadata.name=${service}` };
  return { kind, selectors };
}

function viewed({ objects: { service } }: ClusterView, sliced: boolean, uid: string, seen: readonly AnyEndpoints[]) {
  return sliced
    ? sliceView(service, seen as readonly V1EndpointSlice[], uid)
    : endpointsView(service, seen[0] as V1Endpoints | undefined);
}
