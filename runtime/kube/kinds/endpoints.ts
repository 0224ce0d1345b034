import type { KubernetesListObject, V1EndpointSlice, V1Endpoints } from '@kubernetes/client-node';
import type { EndpointsView } from '../../model/evidence.ts';
import type { CallOptions } from '../client/calls.ts';
import type { Watched } from '../client/watched.ts';
import type { KubeSession } from '../session/session.ts';
import { endpointsView, sliceView } from './views.ts';

/** What a service's name and namespace select, in both APIs. */
function selectorsOf(session: KubeSession, sliced: boolean) {
  const { service } = session.objects;
  return sliced
    ? { labelSelector: `kubernetes.io/service-name=${service}` }
    : { fieldSelector: `metadata.name=${service}` };
}

/** The endpoints of the test service now; EndpointSlice where the cluster serves v1 of it, else Endpoints. */
export async function readEndpoints(
  session: KubeSession,
  sliced: boolean,
  options: CallOptions,
): Promise<EndpointsView> {
  const request = { namespace: session.namespace, ...selectorsOf(session, sliced) };
  const { service } = session.objects;
  if (sliced)
    return sliceView(
      service,
      (await session.apis.discovery.listNamespacedEndpointSlice(request, options)).items,
      session.serviceUid,
    );
  return endpointsView(service, (await session.apis.core.listNamespacedEndpoints(request, options)).items[0]);
}

export interface WatchedEndpoints {
  readonly watched: Watched<V1EndpointSlice | V1Endpoints>;
  view(objects: readonly (V1EndpointSlice | V1Endpoints)[]): EndpointsView;
}

export async function watchEndpoints(session: KubeSession): Promise<WatchedEndpoints> {
  const sliced = await session.servesSlices();
  const { namespace, apis } = session;
  const { service } = session.objects;
  const selectors = selectorsOf(session, sliced);
  const what = `endpoints of service/${service}`;
  const watched = session.watch<V1EndpointSlice | V1Endpoints>({
    what,
    path: sliced
      ? `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`
      : `/api/v1/namespaces/${namespace}/endpoints`,
    ...selectors,
    list: async () => {
      const list = await session.call<KubernetesListObject<V1EndpointSlice | V1Endpoints>>(`list ${what}`, (o) =>
        sliced
          ? apis.discovery.listNamespacedEndpointSlice({ namespace, ...selectors }, o)
          : apis.core.listNamespacedEndpoints({ namespace, ...selectors }, o),
      );
      return { items: list.items, resourceVersion: list.metadata?.resourceVersion ?? '' };
    },
  });
  await watched.start();
  const view = (objects: readonly (V1EndpointSlice | V1Endpoints)[]) =>
    sliced
      ? sliceView(service, objects as V1EndpointSlice[], session.serviceUid)
      : endpointsView(service, objects[0] as V1Endpoints | undefined);
  return { watched, view };
}
