/** What a container finds in its volumes. */
import type { Cluster } from '../cluster.ts';
import type { ConfigMap, Container, Pod } from '../store/objects.ts';

export interface Volumes {
  /** Why the pod's volumes cannot be mounted yet; undefined: they can. */
  missing(pod: Pod): { volume: string; why: string } | undefined;
  /** Absolute path → content, from the ConfigMaps as they are now. */
  files(pod: Pod, container: Container): ReadonlyMap<string, string>;
}

export function createVolumes({ store, faults }: Cluster): Volumes {
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

  return {
    missing: ({ metadata: { namespace = '' }, spec }) => {
      for (const { name, configMap, secret, persistentVolumeClaim: claim } of spec.volumes ?? []) {
        if (configMap && !configMap.optional && !store.get('configmaps', configMap.name, namespace)) {
          return { volume: name, why: `configmap "${configMap.name}" not found` };
        }
        if (secret && !secret.optional && !store.get('secrets', secret.secretName, namespace)) {
          return { volume: name, why: `secret "${secret.secretName}" not found` };
        }
        if (claim && store.get('persistentvolumeclaims', claim.claimName, namespace)?.status.phase !== 'Bound') {
          return { volume: name, why: `persistentvolumeclaim "${claim.claimName}" not bound` };
        }
      }
      return undefined;
    },
    files: (pod, container) => {
      const files = new Map<string, string>();
      for (const mount of container.volumeMounts ?? []) {
        const source = pod.spec.volumes?.find((volume) => volume.name === mount.name)?.configMap;
        const data = source && read(pod.metadata.namespace ?? '', source.name)?.data;
        if (!data) continue;
        const items = source.items ?? Object.keys(data).map((key) => ({ key, path: key }));
        for (const { key, path } of items) {
          const content = data[key];
          if (content === undefined) continue;
          if (!mount.subPath) files.set(`${mount.mountPath.replace(/\/$/, '')}/${path}`, content);
          else if (mount.subPath === path) files.set(mount.mountPath, content);
        }
      }
      return files;
    },
  };
}
