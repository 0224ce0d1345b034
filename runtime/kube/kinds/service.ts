import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { EndpointsView, PodView } from '../../model/evidence.ts';
import type { HttpTarget } from '../../model/probing.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { endpointGrants, readEndpoints, servesSlices, watchEndpoints } from './endpoints.ts';
import { type Family, familyOf } from './families.ts';
import { objectKind, toKeep, toMake } from './kind.ts';
import { managed } from './managed.ts';
import type { NodePlace } from './node-places.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { agentLabels, agentsPortName, podPort, secondPort, selectorOf, type TestObjects } from './test-objects.ts';

export interface ServiceOptions {
  /** NodePort: every node answers for it, on a port that the cluster chooses. Default: none but its own address. */
  readonly type?: 'NodePort';
  /** Which pods it leads to: this run's own of the deployment, the ones that stand, or this run's agents. Default: as the service itself is made or kept. */
  readonly pods?: 'standing' | 'agents';
  /** No address of its own: its name leads to its pods. Default: false. */
  readonly headless?: boolean;
  /** both: an address of IPv4 and one of IPv6, or it is refused. Default: what the cluster gives. */
  readonly families?: 'both';
  /** `both`: port 80 leads to the page of the pods, port 8081 to their second one. Default: port 80 alone. */
  readonly ports?: 'both';
}

export interface ServiceHandle {
  /** Raises api.not_found. */
  exists(): Promise<unknown>;
  /** Waits until the controller's endpoints are exactly these pods' addresses. Raises timeout.waiting_on_endpoints, k8s.service_endpoint_count_wrong. */
  endpointsAre(pods: readonly PodView[]): Promise<void>;
  delete(): Promise<void>;
  /** Raises k8s.not_deleted. */
  isGone(): Promise<void>;
  /** Its address; with a family, that of this family. Raises k8s.address_missing. */
  byIp(family?: Family): HttpTarget;
  /** Its name, resolved anew for every request. */
  byHostname(): HttpTarget;
  /** Its port at each of these nodes, by their addresses of the service's family; of type NodePort. */
  byNode(nodes: readonly NodePlace[]): readonly HttpTarget[];
}

export const servicePort = 80;

/** uid of the run's service, '' until it is made: what its endpoints show belongs to the evidence. */
const made = new WeakMap<ClusterView, string>();

const services = objectKind<V1Service>()({
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  grants: {
    makes: toMake('', 'services', ...endpointGrants(['list'])),
    keeps: toKeep('', 'services', ...endpointGrants(['list'])),
    // Its endpoints are waited for.
    besides: { endpoints: endpointGrants(['watch']), nodePort: [] },
  },
  quota: { services: '10' },
  quotaBesides: { nodePort: { 'services.nodeports': '10' } },
  async lastEvidence(view, ask) {
    const uid = made.get(view);
    if (uid === undefined) return undefined;
    const endpoints = await ask('list endpoints', (signal) => readEndpoints(view, uid, signal));
    return endpoints ? { endpoints } : {};
  },
});

/** The service in front of the test deployment; named TEST_SERVICE. */
function make(options: ServiceOptions = {}): Resource<ServiceHandle> {
  return managed((view) => {
    if (options.type === 'NodePort') view.declared(services, 'nodePort');
    made.set(view, '');
    const object = new OwnedObject<V1Service>(view, services, view.objects.service);
    const target = (host: string): HttpTarget => ({
      resource: 'service',
      object: object.ref,
      host,
      port: servicePort,
    });
    const { name } = object.ref;
    const handle: ServiceHandle = {
      exists: () => object.exists(),
      endpointsAre: (pods) => endpointsAre(view, object, pods),
      delete: () => object.delete(),
      isGone: () => object.isGone(),
      byIp: (family) => target(addressOf(object, family)),
      byNode: (places) => nodeTargets(object.latest, places),
      byHostname: () => target(`${name}.${view.namespace}.svc.${view.objects.clusterDomain}`),
    };
    const stands = () => {
      made.set(view, object.uid);
      return handle;
    };
    return {
      object,
      create: async () => {
        await object.create(serviceManifest(view.objects, view.namespace, options, view.scope.id));
        return stands();
      },
      ensure: async () => {
        await object.apply(serviceManifest(view.objects, view.namespace, options));
        return stands();
      },
    };
  });
}

export const service = Object.assign(make, { kind: services });

export function serviceManifest(
  objects: TestObjects,
  namespace: string,
  { type, pods, ports, families, headless }: ServiceOptions = {},
  runId?: string,
): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: objects.service, namespace, labels: ourLabels(runId, objects.labels) },
    spec: {
      ...(type && { type }),
      ...(headless && { clusterIP: 'None' }),
      ...(families && { ipFamilyPolicy: 'RequireDualStack' }),
      selector: pods === 'agents' ? agentLabels(objects, runId) : selectorOf(objects, pods ? undefined : runId),
      ports:
        ports === 'both'
          ? [portTo(servicePort, podPort, 'first'), portTo(secondPort, secondPort, 'second')]
          : [portTo(servicePort, podPort, pods === 'agents' ? agentsPortName : undefined)],
    },
  };
}

function addressOf({ latest, title, ref }: OwnedObject<V1Service>, family: Family | undefined): string {
  const { clusterIP = '', clusterIPs } = latest?.spec ?? {};
  if (!family) return clusterIP;
  const address = clusterIPs?.find((one) => familyOf(one) === family);
  if (address) return address;
  throw new Defect('k8s.address_missing', `${title} has no address of ${family}`, { object: ref });
}

function portTo(port: number, targetPort: number, name?: string): V1ServicePort {
  return { ...(name && { name }), port, targetPort: targetPort as never, protocol: 'TCP' };
}

function nodeTargets(made: V1Service | undefined, places: readonly NodePlace[]): readonly HttpTarget[] {
  const { ports, ipFamilies } = made?.spec ?? {};
  const isWanted = (address: string) => !ipFamilies || ipFamilies.includes(familyOf(address));
  return places.flatMap(({ name, addresses }) => {
    const host = addresses.find(isWanted);
    const object = { kind: 'node', name };
    return host ? [{ resource: 'node', object, host, port: ports?.[0]?.nodePort ?? 0, node: name } as const] : [];
  });
}

async function endpointsAre(
  session: ClusterView,
  object: OwnedObject<V1Service>,
  pods: readonly PodView[],
): Promise<void> {
  session.declared(services, 'endpoints');
  const { title } = object;
  const families = object.latest?.spec?.ipFamilies;
  const sliced = await servesSlices(session);
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
  const now = await session.call(`list endpoints of ${title}`, (signal) => readEndpoints(session, object.uid, signal));
  if (look(now).done) return;
  const { watched, view } = await watchEndpoints(session, object.uid);
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
  const isWanted = (address: string) => !families || families.includes(familyOf(address));
  return pods.flatMap(({ ip = '', ips }) => (families && ips ? ips.filter(isWanted) : [ip])).sort();
}
