/** What is remembered, what it is measured by, and what is left out of it. */
import { maintenanceWindows } from './maintenance-windows.ts';
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
  MAINTENANCE: {
    default: '',
    description:
      'Windows in which runs go on and nothing alerts, separated by semicolons: cron for the beginning, a time zone if it is not TZ, and how long (30m, 4h, 1d)',
    example: '0 2 * * 6 4h; 30 1 1 * * Europe/Berlin 90m',
    parse: maintenanceWindows,
  },
  SLO_TARGET: {
    default: '99.9',
    unit: 'percent',
    description: 'How many of the runs of a suite that can judge the cluster are to pass, over 30 days',
    example: '99.5',
    parse: a.number(1, 99.999, { unit: 'percent' }),
  },
} as const satisfies Record<string, Setting<unknown>>;
