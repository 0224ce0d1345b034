import type { V1StorageClass } from '@kubernetes/client-node';
import type { Served } from '../client/served.ts';

export const classes: Served<V1StorageClass> = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'cluster',
};
