import { createHash } from 'node:crypto';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Resource } from '../../model/resource.ts';
import { change } from './change.ts';
import { objectKind, toKeep, toMake } from './kind.ts';
import { managed } from './managed.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';
import { podPort, secondPort, type TestObjects } from './test-objects.ts';

const configMaps = objectKind<V1ConfigMap>()({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  grants: {
    makes: toMake('', 'configmaps'),
    keeps: toKeep('', 'configmaps'),
    besides: { update: [{ group: '', resource: 'configmaps', verbs: ['patch'] }] },
  },
  quota: {},
});

export interface ConfigMapHandle {
  /** PATCH of the page. Begins a wait. Raises api.*. */
  update(page: string): Promise<void>;
  /** DELETE. Begins a wait. Raises api.*. */
  delete(): Promise<void>;
  /** Resolves when it is gone. Raises k8s.not_deleted. */
  isGone(): Promise<void>;
}

const pageKey = 'index.html';

/** What pods serve unless a suite asks for another page. */
export const standardPage = 'kube-e2etests: this page is served by a test pod\n';
/** What they serve at their second port, whatever their page is. */
export const secondPage = 'kube-e2etests: this page is served at the second port of a test pod\n';

export interface ConfigMapOptions {
  /** Default: the standard page. */
  readonly page?: string;
  /** both: the pods listen on IPv6 as well, which not every node has. Default: on IPv4. */
  readonly families?: 'both';
}

/** The ConfigMap with nginx.conf and the page that the test pods serve; named TEST_DEPLOYMENT. */
function make({ page = standardPage, families }: ConfigMapOptions = {}): Resource<ConfigMapHandle> {
  return managed((view) => {
    const object = new OwnedObject<V1ConfigMap>(view, configMaps, view.objects.deployment);
    const manifest = (runId?: string) => configMapManifest(view.objects, view.namespace, { page, families }, runId);
    const handle: ConfigMapHandle = {
      update: (next) => change(object, { data: { [pageKey]: next } }),
      delete: () => object.delete(),
      isGone: () => object.isGone(),
    };
    return {
      object,
      create: async () => {
        await object.create(manifest(view.scope.id));
        return handle;
      },
      ensure: async () => {
        await object.apply(manifest());
        return handle;
      },
    };
  });
}

export const configMap = Object.assign(make, { kind: configMaps });

/**
 * nginx without root: a port above 1024, every path it writes under /tmp, logs on stdout and stderr. The readiness
 * probe has a location of its own that is not logged, so that a pod's log holds what was asked of it and no more.
 */
const nginxConf = `worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 256; }
http {
  access_log /dev/stdout combined;
  client_body_temp_path /tmp/client_body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen ${podPort};
    default_type text/plain;
    location = /healthz { access_log off; return 200; }
    location / { root /etc/kube-e2etests; index index.html; }
  }
  server {
    listen ${secondPort};
    default_type text/plain;
    location / { return 200 ${JSON.stringify(secondPage)}; }
  }
}
`;

/** On the pods: a version of ours with another configuration makes new ones, since a ConfigMap reaches those that stand only after a minute. */
export const contentHash = createHash('sha256').update(nginxConf).update(standardPage).digest('hex').slice(0, 10);

const onBoth = nginxConf.replace(`listen ${podPort};`, `$&\n    listen [::]:${podPort};`);

export function configMapManifest(
  objects: TestObjects,
  namespace: string,
  { page = standardPage, families }: ConfigMapOptions,
  runId?: string,
): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: objects.deployment, namespace, labels: ourLabels(runId, objects.labels) },
    data: { 'nginx.conf': families ? onBoth : nginxConf, [pageKey]: page },
  };
}
