/** What the benchmarks share. */
import { readFileSync } from 'node:fs';

export { freePort } from '../test/cluster/process.ts';

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Megabytes (10^6 bytes) of a process: resident now (VmRSS), or at most so far (VmHWM). Linux only. */
export function residentMb(pid: number | undefined, figure: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round((Number(new RegExp(`${figure}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6);
}
