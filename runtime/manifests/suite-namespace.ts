/** The namespace of a suite: what may be made in it at most, so that a fault of ours cannot hurt the cluster. */
import { namespaceOf } from '../config/config.ts';
import type { Suite } from '../model/suite.ts';
import { kindsOf, needsNamespace } from '../uses.ts';
import { type KubeManifest, ownName, partOf, testNamespace } from './manifest.ts';

/** None, unless a kind of the suite says otherwise. */
const nothing: Readonly<Record<string, string>> = {
  pods: '0',
  'count/deployments.apps': '0',
  'count/replicasets.apps': '0',
  services: '0',
  'services.nodeports': '0',
  'services.loadbalancers': '0',
  persistentvolumeclaims: '0',
  'count/statefulsets.apps': '0',
  'count/daemonsets.apps': '0',
  'count/jobs.batch': '0',
  'count/cronjobs.batch': '0',
};

/** Of a container that says nothing; what every test pod has. */
const requests = { cpu: '10m', memory: '16Mi' };
const limits = { cpu: '200m', memory: '64Mi' };

/** What kinds say of a quota is for so many replicas. */
const quotaReplicas = 3;

/** The namespace that a suite works in. */
export function placeOf({ name }: Pick<Suite, 'name'>, home: string): string {
  return namespaceOf({ testNamespace: testNamespace(home) }, name, 1);
}

/** Namespace, ResourceQuota and LimitRange; none for a suite without a namespace. */
export function namespaceManifests(suite: Suite, home: string, replicas = quotaReplicas): readonly KubeManifest[] {
  if (!needsNamespace(suite.uses)) return [];
  const namespace = placeOf(suite, home);
  return [
    namespaceManifest(namespace, 'test'),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: ownName, namespace },
      spec: { hard: quotaOf(suite, Math.max(1, replicas / quotaReplicas)) },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: ownName, namespace },
      spec: { limits: [{ type: 'Container', defaultRequest: requests, default: limits, max: limits }] },
    },
  ];
}

export function namespaceManifest(name: string, whose: 'process' | 'test'): KubeManifest {
  const labels = { ...partOf, 'kube-e2etests.io/namespace': whose };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Where every namespace denies by default: the pods that a suite asks. From everywhere, since an address may be translated on the way. */
export function podPolicies(suite: Suite, home: string): readonly KubeManifest[] {
  const ports = [...new Set(kindsOf(suite.uses).flatMap(({ ports = [] }) => ports))];
  if (ports.length === 0) return [];
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${ownName}-pods`, namespace: placeOf(suite, home) },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ ports: ports.map((port) => ({ port, protocol: 'TCP' })) }],
      },
    },
  ];
}

/** The sum of what its kinds take; pods grow with the replicas. */
function quotaOf({ uses }: Suite, factor: number): Readonly<Record<string, string>> {
  const hard: Record<string, string> = { ...nothing };
  const besides = uses.flatMap((use) => use.besides.map((word) => use.kind.quotaBesides?.[word] ?? {}));
  for (const quota of [...kindsOf(uses).map((kind) => kind.quota), ...besides])
    for (const [what, quantity] of Object.entries(quota)) hard[what] = sum(hard[what] ?? '0', quantity);
  const grows = (what: string) => what === 'pods' || what.includes('.cpu') || what.includes('.memory');
  for (const [what, quantity] of Object.entries(hard)) if (grows(what)) hard[what] = times(quantity, factor);
  return hard;
}

/** Of one unit, such as 120m and 240m. */
function sum(one: string, other: string): string {
  const [, figure = '0', unit = ''] = quantitySyntax.exec(other) ?? [];
  return `${Number.parseInt(one, 10) + Number(figure)}${unit}`;
}

function times(quantity: string, factor: number): string {
  const [, figure = '0', unit = ''] = quantitySyntax.exec(quantity) ?? [];
  return `${Math.ceil(Number(figure) * factor)}${unit}`;
}

const quantitySyntax = /^(\d+)([A-Za-z]*)$/;
