import { isIPv6 } from 'node:net';
import type { V1Service } from '@kubernetes/client-node';
import type { EndpointsView, PodView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look } from '../client/watched.ts';
import { OwnedObject, seconds } from '../session/owned.ts';
import { type KubeSession, kubeSession } from '../session/session.ts';
import { readEndpoints, watchEndpoints } from './endpoints.ts';
import { services } from './kind-rows.ts';
import { serviceManifest, servicePort } from './test-objects.ts';

export interface ServiceHandle {
  /** Raises api.not_found. */
  exists(): Promise<unknown>;
  /** Waits until the controller's endpoints are exactly these pods' addresses. Raises timeout.waiting_on_endpoints, k8s.service_endpoint_count_wrong. */
  endpointsAre(pods: readonly PodView[]): Promise<void>;
  delete(): Promise<void>;
  /** Raises k8s.not_deleted. */
  isGone(): Promise<void>;
  /** Its address. */
  byIp(): HttpTarget;
  /** Its name, resolved anew for every request. */
  byHostname(): HttpTarget;
}

/** The service in front of the test deployment; named TEST_SERVICE. */
export function service(): Resource<ServiceHandle> {
  return {
    bind(bound) {
      const session = kubeSession(bound);
      session.serviceUid = '';
      const object = new OwnedObject<V1Service>(session, services, session.objects.service);
      const target = (host: string): HttpTarget => ({
        resource: 'service',
        object: object.ref,
        host,
        port: servicePort,
      });
      const { name } = object.ref;
      const handle: ServiceHandle = {
        exists: () => object.exists(),
        endpointsAre: (pods) => endpointsAre(session, object.title, pods, object.latest?.spec?.ipFamilies),
        delete: () => object.delete(),
        isGone: () => object.isGone(),
        byIp: () => target(object.latest?.spec?.clusterIP ?? ''),
        byHostname: () => target(`${name}.${session.namespace}.svc.${session.objects.clusterDomain}`),
      };
      return {
        ref: object.ref,
        create: async () => {
          await object.create(serviceManifest(session.objects, session.namespace, session.scope.id));
          session.serviceUid = object.uid;
          return handle;
        },
        ensure: async () => {
          await object.apply(serviceManifest(session.objects, session.namespace));
          session.serviceUid = object.uid;
          return handle;
        },
        remove: (signal) => object.remove(signal),
      };
    },
  };
}

/** `families`: the service's, IPv4 or IPv6 or both; default: that of the pods' first addresses. */
async function endpointsAre(
  session: KubeSession,
  title: string,
  pods: readonly PodView[],
  families?: readonly string[],
): Promise<void> {
  const sliced = await session.servesSlices();
  const wanted = wantedAddresses(pods, sliced ? families : families?.slice(0, 1));
  const look = (view: EndpointsView): Look<void> => {
    const seen = [...view.addresses].sort();
    if (view.exists && String(seen) === String(wanted)) return { done: true, value: undefined };
    const foreign = view.foreign?.map(
      ({ slice, addresses }) => `; endpointslice/${slice}, which no service owns, leads to ${addresses.join(', ')}`,
    );
    const why = view.exists ? `${seen.length} endpoints (${seen.join(', ') || 'none'})` : 'no endpoints object';
    return { done: false, why: `${why}${foreign?.join('') ?? ''}` };
  };
  const now = await session.call(`list endpoints of ${title}`, (options) => readEndpoints(session, sliced, options));
  if (look(now).done) return;
  const { watched, view } = await watchEndpoints(session);
  await session.wait(
    watched,
    (objects) => look(view(objects)),
    (why, objects, afterMs) => ({
      code: view(objects).exists ? 'k8s.service_endpoint_count_wrong' : 'timeout.waiting_on_endpoints',
      message: `${title}: expected ${wanted.length} endpoints (${wanted.join(', ') || 'none'}), after ${seconds(afterMs)} there were ${why}`,
      options: { object: { kind: 'service', name: session.objects.service, namespace: session.namespace } },
    }),
  );
  watched.stop();
}

/** Endpoints have addresses of one family; slices, one for each, those of all families that the service has. */
export function wantedAddresses(pods: readonly PodView[], families: readonly string[] | undefined): readonly string[] {
  const isWanted = (address: string) => !families || families.includes(isIPv6(address) ? 'IPv6' : 'IPv4');
  return pods.flatMap(({ ip = '', ips }) => (families && ips ? ips.filter(isWanted) : [ip])).sort();
}
