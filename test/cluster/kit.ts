/** The test cluster as an administrator sees it, and its faults. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  AppsV1Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  RbacAuthorizationV1Api,
  type V1Pod,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { loadCredentials, type PooledKubeConfig } from '../../runtime/kube/client/credentials.ts';
import { managedBy, ourName } from '../../runtime/kube/kinds/ownership.ts';

const run = promisify(execFile);

/** Why tests against a real cluster cannot run here; false where they can. */
export const noCluster: string | false = process.env.KUBECONFIG
  ? false
  : 'SKIPPED: no cluster; run eval "$(../shared/cluster/up)" to start one, or set KUBECONFIG';

/** CLUSTER_KIT, else ../shared/cluster beside the repository. */
export const kit = resolve(process.env.CLUSTER_KIT ?? join(import.meta.dirname, '../../../shared/cluster'));

/** Why faults cannot be injected here; false where they can. */
export const noFaults: string | false =
  noCluster || (existsSync(join(kit, 'fault')) ? false : `SKIPPED: no ${join(kit, 'fault')}; set CLUSTER_KIT`);

/** Breaks or heals a component: `fault('scheduler', 'stop')`. */
export async function fault(...words: string[]): Promise<void> {
  await run(join(kit, 'fault'), words, { timeout: 90_000 });
}

/** Installs a part that the plain test cluster does not have, and waits until it works: `addOn('ingress')`; or takes it out: `addOn('ingress', 'remove')`. */
export async function addOn(...words: string[]): Promise<void> {
  await run(join(kit, 'add-on'), words, { timeout: 300_000 });
}

export interface Admin {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly coordination: CoordinationV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  readonly config: PooledKubeConfig;
  close(): Promise<void>;
}

export function openAdmin(path = process.env.KUBECONFIG ?? ''): Admin {
  const config = loadCredentials({ kind: 'kubeconfig', path });
  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    batch: config.makeApiClient(BatchV1Api),
    coordination: config.makeApiClient(CoordinationV1Api),
    rbac: config.makeApiClient(RbacAuthorizationV1Api),
    config,
    close: () => config.close(),
  };
}

/** A kubelet before 1.22 takes 8 to 90 s to say that a pod is gone. */
const kubeletIsSlow = noCluster === false && (await minorVersion()) < 22;

async function minorVersion(): Promise<number> {
  const { config, close } = openAdmin();
  try {
    return Number.parseInt((await config.makeApiClient(VersionApi).getCode()).minor, 10);
  } finally {
    await close();
  }
}

const ours = `${managedBy}=${ourName}`;

/** "kind/namespace/name" of everything of ours that no `ensure` keeps, in namespaces that begin with `prefix`. */
export async function leftovers(
  { core, apps, batch, coordination }: Admin,
  prefix: string,
): Promise<readonly string[]> {
  const ofARun = { labelSelector: `${ours},kube-e2etests.io/run` };
  const lists = await Promise.all([
    core.listNamespace(ofARun),
    core.listConfigMapForAllNamespaces(ofARun),
    core.listSecretForAllNamespaces(ofARun),
    core.listServiceForAllNamespaces(ofARun),
    core.listPodForAllNamespaces(ofARun),
    core.listPersistentVolumeClaimForAllNamespaces(ofARun),
    apps.listDeploymentForAllNamespaces(ofARun),
    apps.listReplicaSetForAllNamespaces(ofARun),
    apps.listDaemonSetForAllNamespaces(ofARun),
    apps.listStatefulSetForAllNamespaces(ofARun),
    batch.listJobForAllNamespaces(ofARun),
    coordination.listLeaseForAllNamespaces({ labelSelector: ours }),
  ]);
  const kinds =
    'namespace configmap secret service pod persistentvolumeclaim deployment replicaset daemonset statefulset job lease'.split(
      ' ',
    );
  return lists.flatMap(({ items }, index) =>
    items
      .map(({ metadata }) => ({ place: metadata?.namespace ?? metadata?.name ?? '', name: metadata?.name ?? '' }))
      // The lock of a suite without a namespace lies in the kubeconfig's own: told by its name.
      .filter(({ place, name }) => place.startsWith(prefix) || name.includes(prefix))
      .map(({ place, name }) => `${kinds[index]}/${place}/${name}`),
  );
}

/** Waits until no namespace that begins with `prefix` is being deleted, as after an earlier run of the same test. */
export async function namespacesSettled({ core }: Admin, prefix: string): Promise<void> {
  const isGoing = async () =>
    (await core.listNamespace()).items.some(
      ({ metadata }) => metadata?.deletionTimestamp && metadata.name?.startsWith(prefix),
    );
  while (await isGoing()) await pause(200);
}

/** Deletes the namespaces of a drive and does not wait for them to go. */
export async function removeNamespaces({ core }: Admin, prefix: string): Promise<void> {
  const { items } = await core.listNamespace();
  const names = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => name.startsWith(`${prefix}-`));
  await Promise.allSettled(names.map((name) => core.deleteNamespace({ name })));
}

/**
 * Does at once what a slow kubelet takes its time for: takes a pod that is being deleted off the API. Where the kubelet is quick it
 * does nothing. For tests of anything but the kubelet. Returns what ends it.
 */
export function hurryPods({ core, config }: Admin, prefix: string): () => void {
  if (!kubeletIsSlow) return () => undefined;
  const over = new AbortController();
  const remove = async (pod: V1Pod) => {
    const { name = '', namespace = '', deletionTimestamp } = pod.metadata ?? {};
    if (!deletionTimestamp || !namespace.startsWith(prefix)) return;
    for (let gone = false; !gone && !over.signal.aborted; await pause(300)) {
      // A conflict with the kubelet's own update is worth another try, as is everything but "not there".
      gone = await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 }).then(
        () => false,
        (error: { code?: number }) => error.code === 404,
      );
    }
  };
  const follow = async () => {
    while (!over.signal.aborted) {
      await new Promise<void>((resolve) => {
        new Watch(config)
          .watch('/api/v1/pods', { labelSelector: ours }, (_, pod: V1Pod) => void remove(pod), resolve as () => void)
          .then((connection) => over.signal.addEventListener('abort', () => connection.abort(), { once: true }))
          .catch(() => resolve());
      });
      await pause(200, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  void follow();
  return () => over.abort();
}
