/** A run that was due and did not begin, in the shape of a run: whatever shows runs shows it. Pure. */
import type { Diagnosis } from '../model/diagnosis.ts';
import type { Finding } from '../model/finding.ts';
import type { ClusterIdentity, RunResult } from '../model/result.ts';

export interface NotBegun {
  readonly suite: string;
  readonly namespace: string;
  readonly due: Date;
  readonly now: Date;
  readonly finding: Finding;
  readonly cluster?: ClusterIdentity;
  readonly diagnosis?: Diagnosis;
}

const startStep = 'Start the suite';
const latePrefix = 'late-';

/** Ours, not a run of the suite. */
export const isLateStart = (id: string): boolean => id.startsWith(latePrefix);

export function notBegun({ suite, namespace, due, now, finding, cluster, diagnosis }: NotBegun): RunResult {
  const at = due.toISOString();
  const status = finding.blame === 'cluster' ? 'failed' : 'errored';
  const durationMs = Math.max(0, now.getTime() - due.getTime());
  const step = { name: startStep, kind: 'recovery', status, startedAt: at, durationMs } as const;
  return {
    id: `${latePrefix}${suite}-${Math.floor(due.getTime() / 1000).toString(36)}`,
    suite,
    namespace,
    trigger: 'schedule',
    ...(cluster && { cluster }),
    status,
    startedAt: at,
    finishedAt: now.toISOString(),
    durationMs,
    steps: [{ ...step, findings: [finding], measurements: [], notes: [] }],
    recovered: [],
    apiRequests: { total: 0, watches: 0, retries: 0 },
    ...(diagnosis && { diagnosis }),
  };
}
