/** What the fault matrix does to the sandbox, and what a diagnosis has to make of it. Which suites notice says test/expectations/. */
import type { Component } from '../../runtime/model/diagnosis.ts';
import type { FaultName } from '../../sandbox/index.ts';

export interface Situation {
  readonly fault: FaultName;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** Nodes of the sandbox, in three zones. Default 3. */
  readonly nodes?: number;
  /** EVENT_TIMEOUT_SECONDS of the suites that need not notice. Default: one with which nothing hinders them. */
  readonly seconds?: number;
  /** What the headline has to name; none: no suite notices. */
  readonly names?: { readonly component: Component; readonly part?: string };
}

const everyNode = 'node1, node2, node3';
const dns = { component: 'dns' } as const;
const scheduler = { component: 'scheduler' } as const;
const registry = { component: 'registry' } as const;
const workload = { component: 'workload' } as const;
const kubelets = { component: 'kubelet', part: everyNode } as const;
const kubeProxy = { component: 'kube-proxy', part: 'where we run' } as const;
const apiServer = { component: 'api-server' } as const;
/** Its part is a class, and there are two: of Ingresses and of Gateways. */
const ingress = { component: 'ingress-controller' } as const;
const controller = (part: string) => ({ component: 'controller-manager', part }) as const;

export const situations: readonly Situation[] = [
  { fault: 'dns-nxdomain', names: dns },
  { fault: 'dns-timeout', names: dns },
  { fault: 'dns-servfail', names: dns },
  { fault: 'scheduler-down', names: scheduler },
  { fault: 'kubelet-down', options: { node: 'node2' }, names: { component: 'kubelet', part: 'node2' } },
  { fault: 'kubelet-slow', options: { seconds: 12 }, names: kubelets },
  { fault: 'image-pull-fails', names: registry },
  { fault: 'crash-loop', names: workload },
  { fault: 'readiness-never', names: workload },
  { fault: 'pods-on-one-node', names: scheduler },
  { fault: 'pods-in-one-zone', nodes: 9, names: scheduler },
  { fault: 'nodes-without-zone', names: { component: 'setup', part: 'node labels' } },
  { fault: 'wrong-content', names: workload },
  { fault: 'content-stale', names: kubelets },
  { fault: 'rollout-stuck', names: controller('deployment') },
  { fault: 'old-pods-linger', names: controller('replicaset') },
  { fault: 'pods-never-die', names: kubelets },
  { fault: 'logs-empty', names: kubelets },
  { fault: 'logs-stale', names: kubelets },
  { fault: 'endpoints-controller-down', names: controller('endpoints') },
  { fault: 'endpoints-stale', names: controller('endpoints') },
  { fault: 'service-proxy-down', names: kubeProxy },
  { fault: 'service-proxy-one-dead-backend', names: kubeProxy },
  { fault: 'node-proxy-down', options: { node: 'node2' }, names: { component: 'kube-proxy', part: 'node2' } },
  { fault: 'node-link-down', options: { node: 'node2' }, names: { component: 'node-network', part: 'node2' } },
  { fault: 'node-large-packets-lost', options: { node: 'node2' }, names: { component: 'node-network', part: 'node2' } },
  { fault: 'node-dns-down', options: { node: 'node2' }, names: { component: 'dns', part: 'node2' } },
  { fault: 'service-proxy-slow', options: { seconds: 1 } },
  { fault: 'ingress-down', names: ingress },
  { fault: 'ingress-stale', names: ingress },
  { fault: 'ingress-controller-down', names: ingress },
  { fault: 'deployment-controller-down', names: controller('deployment') },
  { fault: 'disruption-controller-down', names: controller('disruption') },
  { fault: 'namespace-stuck', names: controller('namespace') },
  { fault: 'configmap-forbidden', names: { component: 'rbac', part: 'configmaps' } },
  { fault: 'forbidden', options: { resource: 'deployments' }, names: { component: 'rbac', part: 'deployments' } },
  { fault: 'quota-exhausted', names: { component: 'quota', part: 'sandbox-exhausted' } },
  { fault: 'quota-contended' },
  { fault: 'api-500', names: apiServer },
  { fault: 'api-503', names: apiServer },
  { fault: 'api-503', options: { share: 0.2 } },
  { fault: 'api-429' },
  { fault: 'api-429', options: { share: 1 }, names: apiServer },
  { fault: 'api-slow', options: { seconds: 0.3 } },
  { fault: 'api-reset' },
  { fault: 'api-reset', options: { share: 1 }, names: apiServer },
  { fault: 'api-down', options: { seconds: 15 }, names: apiServer },
  { fault: 'api-down', options: { seconds: 1 } },
  { fault: 'watch-drop' },
  { fault: 'watch-gone' },
  // A wait looks once more when its time is up: that is all that ends one here.
  { fault: 'watch-silent', seconds: 6, names: apiServer },
];

export function titleOf({ fault, options }: Situation): string {
  const given = Object.entries(options ?? {}).map(([name, value]) => `${name} ${value}`);
  return given.length > 0 ? `${fault} (${given.join(', ')})` : fault;
}
