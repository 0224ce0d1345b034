/** What is in the volumes of claims, for as long as they are there. */
import type { Cluster } from '../cluster.ts';
import type { Container, Pod } from '../store/objects.ts';
import type { Disk } from './program.ts';

interface Written {
  readonly by: string;
  readonly content: string;
}

export function createContents({ store, faults }: Cluster): (pod: Pod, container: Container) => Disk {
  /** Name of the volume → path in it → content. */
  const contents = new Map<string, Map<string, Written>>();
  store.subscribe(({ plural, type, object }) => {
    if (plural === 'persistentvolumes' && type === 'DELETED') contents.delete(object.metadata.name);
  });

  const placeOf = ({ metadata, spec }: Pod, { volumeMounts = [] }: Container, path: string) => {
    const mount = volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
    const volume = spec.volumes?.find(({ name }) => name === mount?.name);
    const claim = store.get(
      'persistentvolumeclaims',
      volume?.persistentVolumeClaim?.claimName ?? '',
      metadata.namespace,
    );
    const name = claim?.spec.volumeName;
    return mount && name ? { name, path: path.slice(mount.mountPath.length) } : undefined;
  };

  return (pod, container) => ({
    read(path) {
      const place = placeOf(pod, container, path);
      const found = place && contents.get(place.name)?.get(place.path);
      const isLost = faults.on('volume-loses-data') && found?.by !== pod.metadata.uid;
      return isLost ? undefined : found?.content;
    },
    write(path, content) {
      const place = placeOf(pod, container, path);
      if (!place) return false;
      const volume = contents.get(place.name) ?? new Map<string, Written>();
      contents.set(place.name, volume.set(place.path, { by: pod.metadata.uid, content }));
      return true;
    },
  });
}
