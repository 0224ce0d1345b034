/** What is remembered, and what it is measured by. */
import type { Setting } from './setting.ts';
import * as a from './values.ts';

export const memorySettings = {
  HISTORY_FILE: {
    default: '',
    description:
      'File that keeps results, episodes and availability over restarts: SQLite, at most 256 MB, one for each process. Default: they are in memory alone',
    example: '/var/lib/kube-e2etests/history.db',
    parse: a.text,
  },
  SLO_TARGET: {
    default: '99.9',
    unit: 'percent',
    description: 'How many of the runs of a suite that can judge the cluster are to pass, over 30 days',
    example: '99.5',
    parse: a.number(1, 99.999, { unit: 'percent' }),
  },
} as const satisfies Record<string, Setting<unknown>>;
