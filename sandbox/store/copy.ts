/** A deep copy of JSON; several times faster than structuredClone, which serialises. Fields that are undefined are left out. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const one = (value as Record<string, unknown>)[key];
    if (one !== undefined) result[key] = copy(one);
  }
  return result as T;
}
