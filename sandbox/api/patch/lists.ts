/** Which lists are maps in disguise, and by which fields their items are told apart. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  hostAliases: ['ip'],
  podIPs: ['ip'],
  taints: ['key', 'effect'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
};

/** Lists of plain values that are sets. */
const sets: ReadonlySet<string> = new Set(['finalizers']);

/** Objects that are replaced as one. */
const atomic: ReadonlySet<string> = new Set([
  'selector',
  'nodeSelector',
  'labelSelector',
  'configMapKeyRef',
  'secretKeyRef',
]);

export type Item = Record<string, unknown>;

/** Undefined: the list is replaced as a whole. */
export function listKeys(field: string, items: readonly unknown[]): readonly string[] | undefined {
  if (items.some((item) => typeof item !== 'object' || item === null)) return undefined;
  if (field !== 'ports') return keysOf[field];
  if (items.length === 0) return undefined;
  return items.some((item) => 'containerPort' in (item as Item)) ? ['containerPort', 'protocol'] : ['port', 'protocol'];
}

export const isSet = (field: string): boolean => sets.has(field);
export const isAtomic = (field: string): boolean => atomic.has(field);

/** What tells an item of a list apart; the protocol of a port is TCP unless it says otherwise. */
export function itemKey(item: Item, keys: readonly string[]): Item {
  return Object.fromEntries(keys.map((key) => [key, item[key] ?? (key === 'protocol' ? 'TCP' : undefined)]));
}

export function hasKey(item: unknown, key: Item): boolean {
  if (!isObject(item)) return false;
  return Object.entries(key).every(
    ([name, value]) => (item[name] ?? (name === 'protocol' ? 'TCP' : undefined)) === value,
  );
}

export function isObject(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
