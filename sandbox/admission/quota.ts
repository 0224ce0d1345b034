/** ResourceQuota: what is used, and the refusal of what would be too much. */
import type { Cluster } from '../cluster.ts';
import type { KubeObject, Plural, PodSpec } from '../store/objects.ts';
import { qualified, resourceOf, resources } from '../store/resources.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { forbidden, modified } from './status.ts';

type Usage = Record<string, number>;

/** Throws the Refusal (403) if a quota of the namespace, or the fault, leaves no room for a new object. */
export function chargeQuota(cluster: Cluster, plural: Plural, object: KubeObject): void {
  const { namespace = '', name } = object.metadata;
  const fault = cluster.faults.options('quota-exhausted');
  if (fault?.resource === plural) {
    const why = `exceeded quota: sandbox-exhausted, requested: ${plural}=1, used: ${plural}=0, limited: ${plural}=0`;
    throw forbidden(resourceOf(plural), name, why);
  }
  if (Math.random() < Number(cluster.faults.options('quota-contended')?.share ?? 0))
    throw modified(resourceOf('resourcequotas'), 'sandbox-contended');
  for (const quota of cluster.store.list('resourcequotas', namespace)) {
    const hard = quota.spec.hard ?? {};
    const asked = usageOf(plural, object);
    const missing = plural === 'pods' ? unstated(object.spec as PodSpec, hard) : [];
    if (missing.length > 0) {
      throw forbidden(
        resourceOf(plural),
        name,
        `failed quota: ${quota.metadata.name}: must specify ${missing.join(',')}`,
      );
    }
    const used = usedIn(cluster, namespace, Object.keys(hard));
    const over = Object.keys(hard)
      .sort()
      .filter((key) => asked[key] !== undefined && (used[key] ?? 0) + asked[key] > parseQuantity(hard[key]!));
    if (over.length === 0) continue;
    const figures = (usage: Usage) => over.map((key) => `${key}=${formatUsage(key, usage[key])}`).join(',');
    const limits = over.map((key) => `${key}=${hard[key]}`).join(',');
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${figures(asked)}, used: ${figures(used)}, limited: ${limits}`;
    throw forbidden(resourceOf(plural), name, why);
  }
}

/** What a namespace uses of the named resources. */
export function usedIn(cluster: Cluster, namespace: string, names: readonly string[]): Usage {
  const used: Usage = Object.fromEntries(names.map((name) => [name, 0]));
  for (const { plural, namespaced } of resources) {
    if (!namespaced) continue;
    for (const object of cluster.store.list(plural, namespace)) {
      for (const [key, amount] of Object.entries(usageOf(plural, object))) {
        if (used[key] !== undefined) used[key] += amount;
      }
    }
  }
  return used;
}

/** An amount of a resource under quota, as figures of it are written. */
export function formatUsage(key: string, amount = 0): string {
  return formatQuantity(amount, /(memory|storage)$/.test(key) ? 'bytes' : 'pieces');
}

function usageOf(plural: Plural, object: KubeObject): Usage {
  const usage: Usage = { [plural]: 1, [`count/${qualified(resourceOf(plural))}`]: 1 };
  if (plural !== 'pods') return usage;
  const phase = (object.status as { phase?: string } | undefined)?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return {};
  for (const { resources: { requests = {}, limits = {} } = {} } of (object.spec as PodSpec).containers) {
    for (const [key, amount] of Object.entries(requests)) {
      add(usage, `requests.${key}`, amount);
      add(usage, key, amount);
    }
    for (const [key, amount] of Object.entries(limits)) add(usage, `limits.${key}`, amount);
  }
  return usage;
}

function add(usage: Usage, key: string, amount: string): void {
  usage[key] = (usage[key] ?? 0) + parseQuantity(amount);
}

/** Resources under quota that a container does not ask for. */
function unstated(spec: PodSpec, hard: Record<string, string>): string[] {
  return Object.keys(hard)
    .sort()
    .filter((key) => {
      const [kind, name] = key.includes('.')
        ? (key.split('.') as ['requests' | 'limits', string])
        : (['requests', key] as const);
      if (name !== 'cpu' && name !== 'memory') return false;
      return spec.containers.some((container) => container.resources?.[kind]?.[name] === undefined);
    });
}
