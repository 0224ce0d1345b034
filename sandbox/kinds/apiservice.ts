/** The APIs: all of them are the API server's own. */
import { setCondition } from '../controllers/conditions.ts';
import type { Condition, KubeObject } from '../store/objects.ts';
import { apiVersionOf, resources } from '../store/resources.ts';
import type { SandboxKind } from './kind.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    apiservices: APIService;
  }
}

interface APIService extends KubeObject {
  spec: { group: string; version: string; groupPriorityMinimum: number; versionPriority: number };
  status: { conditions?: Condition[] };
}

export const apiService: SandboxKind = {
  plural: 'apiservices',
  start({ store, now }) {
    const local = {
      type: 'Available',
      status: 'True',
      reason: 'Local',
      message: 'Local APIServices are always available',
    } as const;
    for (const groupVersion of new Set(resources.map(apiVersionOf))) {
      const [version = '', group = ''] = groupVersion.split('/').reverse();
      const metadata = { name: `${version}.${group}`, uid: '', resourceVersion: '', creationTimestamp: '' };
      store.create('apiservices', {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata,
        spec: { group, version, groupPriorityMinimum: 18_000, versionPriority: 1 },
        status: { conditions: setCondition(undefined, local, now()) },
      });
    }
  },
};
