import type { Area } from './model/suite.ts';

/** A closed set, in the order in which people look at a cluster. */
export const areas = [
  'control plane',
  'workloads',
  'network',
  'names',
  'nodes',
  'storage',
] as const satisfies readonly Area[];
