/** The sandbox: a Kubernetes cluster in this process, on ports of 127.0.0.1. See README.md. */
import { startAdmin } from './admin.ts';
import { createObject } from './admission/create.ts';
import { deleteObject } from './admission/deletion.ts';
import { Refusal } from './admission/status.ts';
import { startApiServer } from './api/server.ts';
import { createIdentity } from './api/tls.ts';
import type { Cluster } from './cluster.ts';
import { startClaims } from './controllers/claims.ts';
import { startDeployments } from './controllers/deployment.ts';
import { startEndpoints } from './controllers/endpoints.ts';
import { startGarbageCollector } from './controllers/garbage.ts';
import { agentImage } from './controllers/images.ts';
import { type Kubelets, startKubelets } from './controllers/kubelet.ts';
import { startLeaders } from './controllers/leaders.ts';
import { startNamespaces } from './controllers/namespaces.ts';
import { startNodes } from './controllers/nodes.ts';
import { startQuotas } from './controllers/quotas.ts';
import { startReplicaSets } from './controllers/replicaset.ts';
import { startScheduler } from './controllers/scheduler.ts';
import { createEventRecorder } from './events.ts';
import { createFailureLog } from './failures.ts';
import { createFaults, type Faults } from './faults/switches.ts';
import { kinds } from './kinds/index.ts';
import type { Deeds } from './kinds/kind.ts';
import { kubeconfigText, newToken, writeKubeconfig } from './kubeconfig.ts';
import { apiServerAddress, dnsAddress } from './net/addresses.ts';
import { startDns } from './net/dns.ts';
import { startEdge } from './net/edge.ts';
import { createNetwork, type Network } from './net/network.ts';
import { startProxy } from './net/proxy.ts';
import { createServiceProxy } from './net/service-proxy.ts';
import { createStore } from './store/store.ts';
import { createTimers } from './timers.ts';
import { defaultTiming, type Timing } from './timing.ts';

export type { FaultName, FaultOptions } from './faults/catalogue.ts';
export type { FaultState } from './faults/switches.ts';
export type { Timing } from './timing.ts';

export interface SandboxOptions {
  /** Default 3. */
  nodes?: number;
  /** Default 3; nodes are dealt out to them in turn. */
  zones?: number;
  /** Default: a new random one. */
  adminToken?: string;
  /** Wall clock, milliseconds since the epoch; for tests. */
  now?: () => number;
  /** What shall take another time than timing.ts says. */
  timing?: Partial<Timing>;
}

export interface Sandbox {
  /** YAML with the CA and the credentials in it. */
  readonly kubeconfig: string;
  /** The same in a file of mode 0600, which close() removes. */
  readonly kubeconfigPath: string;
  /** `http://127.0.0.1:PORT`: the way to addresses of pods and services. */
  readonly probeProxy: string;
  /** `127.0.0.1:PORT` */
  readonly dnsServers: readonly string[];
  /** AGENT_IMAGE: what runs as an agent in this process. */
  readonly agentImage: string;
  readonly admin: { readonly url: string; readonly token: string };
  readonly faults: Pick<Faults, 'list' | 'set'>;
  /** Forgets the changes up to now: a watch from an older version gets 410. */
  compact(): void;
  /** Ends every socket and timer. A second call waits for the first. */
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const failed = createFailureLog((line) => process.stderr.write(line));
  const timers = createTimers(failed);
  const store = createStore(now, failed);
  const identity = createIdentity(['localhost', 'kubernetes.default.svc'], ['127.0.0.1', apiServerAddress], now());
  const faults = createFaults(now, timers.after, () => store.list('nodes').map(({ metadata }) => metadata.name));
  const timing = { ...defaultTiming, ...options.timing };
  const recordEvent = createEventRecorder(store, now);
  const cluster: Cluster = { store, timers, faults, timing, now, recordEvent, failed, ca: identity.ca };

  const network = createNetwork();
  let apiPort = 0;
  network.use(createServiceProxy(cluster, () => apiPort));
  const kubelets = startControllers(cluster, network, options);
  addSystemObjects(cluster);

  const token = newToken();
  const adminToken = options.adminToken ?? newToken();
  const [api, proxy, dns, admin, edge] = await Promise.all([
    startApiServer(cluster, { identity, token, kubelets }),
    startProxy(cluster, network),
    startDns(cluster),
    startAdmin(faults, adminToken),
    startEdge(cluster, network),
  ]);
  apiPort = api.port;
  const kubeconfig = kubeconfigText(`https://127.0.0.1:${api.port}`, identity.ca, token);
  const file = await writeKubeconfig(kubeconfig);
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    timers.close();
    kubelets.close();
    edge.close();
    await Promise.all([api.close(), proxy.close(), dns.close(), admin.close(), file.remove()]);
  };

  return {
    kubeconfig,
    kubeconfigPath: file.path,
    probeProxy: proxy.url,
    dnsServers: [dns.address],
    agentImage,
    admin: { url: admin.url, token: adminToken },
    faults: { list: faults.list, set: faults.set },
    compact: () => store.compact(),
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

function startControllers(cluster: Cluster, network: Network, { nodes = 3, zones = 3 }: SandboxOptions): Kubelets {
  startNamespaces(cluster);
  startGarbageCollector(cluster);
  startQuotas(cluster);
  startClaims(cluster);
  startDeployments(cluster);
  startReplicaSets(cluster);
  const deeds: Deeds = {
    create: (plural, object) => createObject(cluster, plural, object as never),
    remove: (plural, object) => void deleteObject(cluster, plural, object as never, {}),
    refusal: (error) => (error instanceof Refusal ? error.message : undefined),
  };
  for (const kind of kinds) kind.start?.(cluster, deeds);
  startScheduler(cluster);
  const kubelets = startKubelets(cluster, network);
  startEndpoints(cluster);
  startNodes(cluster, { nodes, zones });
  startLeaders(cluster);
  return kubelets;
}

/** What every new cluster has. */
function addSystemObjects(cluster: Cluster): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    createObject(cluster, 'namespaces', { metadata: { name } });
  }
  createObject(cluster, 'services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: apiServerAddress, ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
  createObject(cluster, 'services', {
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { clusterIP: dnsAddress, ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }] },
  });
}
