/** What a container finds in its volumes. */
import type { Cluster } from '../cluster.ts';
import type { ConfigMap, Container, Pod } from '../store/objects.ts';
import type { Items, Volume } from '../store/pods.ts';
import { createContents } from './contents.ts';
import type { Disk } from './program.ts';

export interface Volumes {
  /** Why the pod's volumes cannot be mounted yet; undefined: they can. */
  missing(pod: Pod): { volume: string; why: string } | undefined;
  /** Absolute path → content, from the ConfigMaps and Secrets as they are now. */
  files(pod: Pod, container: Container): ReadonlyMap<string, string>;
  /** What it may write and read in the volumes of its claims. */
  disk(pod: Pod, container: Container): Disk;
}

export function createVolumes(cluster: Cluster): Volumes {
  const { store, faults } = cluster;
  /** The fault content-stale: ConfigMaps by uid, as kubelets saw them first. */
  const stale = new Map<string, ConfigMap>();
  faults.onChange((name) => {
    if (name !== 'content-stale') return;
    stale.clear();
    if (faults.on(name)) for (const map of store.list('configmaps')) stale.set(map.metadata.uid, map);
  });

  const read = (namespace: string, name: string): ConfigMap | undefined => {
    const current = store.get('configmaps', name, namespace);
    if (!current || !faults.on('content-stale')) return current;
    const first = stale.get(current.metadata.uid) ?? current;
    stale.set(first.metadata.uid, first);
    return first;
  };

  const secretData = (namespace: string, name: string) =>
    decoded((store.get('secrets', name, namespace) as { data?: Record<string, string> } | undefined)?.data ?? {});

  const filesOf = (namespace: string, { configMap, secret, projected }: Volume): readonly File[] => {
    if (configMap) return pick(read(namespace, configMap.name)?.data ?? {}, configMap.items);
    if (secret) return pick(secretData(namespace, secret.secretName), secret.items);
    return (projected?.sources ?? []).flatMap((source) => {
      if (source.configMap) return pick(read(namespace, source.configMap.name)?.data ?? {}, source.configMap.items);
      return source.secret ? pick(secretData(namespace, source.secret.name), source.secret.items) : [];
    });
  };

  const absent = (namespace: string, { configMap, secret, projected }: Volume): string | undefined => {
    const maps = [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)];
    const hidden = [
      secret && { ...secret, name: secret.secretName },
      ...(projected?.sources ?? []).map((source) => source.secret),
    ];
    const map = maps.find((one) => one && !one.optional && !store.get('configmaps', one.name, namespace));
    if (map) return `configmap "${map.name}" not found`;
    const gone = hidden.find((one) => one && !one.optional && !store.get('secrets', one.name, namespace));
    return gone && `secret "${gone.name}" not found`;
  };

  return {
    missing: ({ metadata: { namespace = '' }, spec }) => {
      for (const volume of spec.volumes ?? []) {
        const { name, persistentVolumeClaim: claim } = volume;
        const why = absent(namespace, volume);
        if (why) return { volume: name, why };
        if (claim && store.get('persistentvolumeclaims', claim.claimName, namespace)?.status.phase !== 'Bound') {
          return { volume: name, why: `persistentvolumeclaim "${claim.claimName}" not bound` };
        }
      }
      return undefined;
    },
    files: (pod, container) => {
      const files = new Map<string, string>();
      const { namespace = '' } = pod.metadata;
      for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
        const volume = pod.spec.volumes?.find((one) => one.name === name);
        for (const { path, content } of volume ? filesOf(namespace, volume) : []) {
          if (!subPath) files.set(`${mountPath.replace(/\/$/, '')}/${path}`, content);
          else if (subPath === path) files.set(mountPath, content);
        }
      }
      return files;
    },
    disk: createContents(cluster),
  };
}

interface File {
  readonly path: string;
  readonly content: string;
}

/** Those of `items` under their paths; without items every key. */
function pick(data: Readonly<Record<string, string>>, items: Items | undefined): readonly File[] {
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return wanted.flatMap(({ key, path }) => (data[key] === undefined ? [] : [{ path, content: data[key] }]));
}

/** A Secret holds base64. */
function decoded(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]),
  );
}
