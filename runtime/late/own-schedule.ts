/**
 * Looks after the schedule of this very process: a suite that was due a minute ago and has not begun, or a run that outlasted every limit of
 * its own, is recorded as a run that did not begin. A schedule that hangs would else be seen when its results grow old, and with no reason.
 */
import type { Store } from '../memory/store.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { RunEvent } from '../model/event.ts';
import type { Runner } from '../model/outcome.ts';
import type { RunResult } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import { longestCleanupMs } from '../run/cleanup.ts';
import { notBegun } from './not-begun.ts';

export interface OwnScheduleOptions {
  readonly suites: readonly string[];
  /** When the suite was, or is, to start, in milliseconds since 1970; undefined while that is not known, as during a run. */
  dueAt(suite: string): number | undefined;
  /** The suites that run, with their starts, or that wait for their namespace, without. */
  active(): readonly { readonly suite: string; readonly since?: string | undefined }[];
  namespaceOf(suite: string): string;
  /** How long a run may take at most with its clean-up, in milliseconds. */
  longestRunMs(suite: string): number;
  record(result: RunResult): void;
  readonly now?: () => Date;
}

export const ownGraceMs = 60_000;
const periodMs = 15_000;

/** One look at every suite; returns it, for whoever looks on a clock of his own. */
export function createOwnScheduleWatch(options: OwnScheduleOptions): () => void {
  const { suites, dueAt, active, namespaceOf, longestRunMs, record } = options;
  const now = options.now ?? (() => new Date());
  /** Suite → since when it neither runs nor has a next start. */
  const idle = new Map<string, number>();
  /** Suite → the start that was said to be late: each once. */
  const said = new Map<string, number>();
  let lookedAt: number | undefined;

  function lateSince(suite: string, at: number): { readonly due: number; readonly why: string } | undefined {
    const run = active().find((one) => one.suite === suite);
    const next = dueAt(suite);
    if (run || next !== undefined) idle.delete(suite);
    if (run && run.since === undefined) return undefined;
    if (run?.since !== undefined) {
      const due = Date.parse(run.since);
      const limitMs = longestRunMs(suite) + ownGraceMs;
      if (at - due <= limitMs) return undefined;
      return {
        due,
        why: `its run of ${run.since} has not ended, and should have after ${Math.ceil(limitMs / 1000)} s`,
      };
    }
    if (next !== undefined)
      return at - next > ownGraceMs ? { due: next, why: 'the schedule did not start it' } : undefined;
    const since = idle.get(suite) ?? at;
    idle.set(suite, since);
    return at - since > ownGraceMs ? { due: since, why: 'the schedule has no next start for it' } : undefined;
  }

  return () => {
    const at = now();
    const stoodStillMs = at.getTime() - (lookedAt ?? Number.NEGATIVE_INFINITY);
    lookedAt = at.getTime();
    // A machine that slept, or a process that was stopped: the schedule is caught up with before it is judged.
    if (stoodStillMs > 2 * periodMs) return;
    for (const suite of suites) {
      const late = lateSince(suite, at.getTime());
      if (!late || said.get(suite) === late.due) continue;
      said.set(suite, late.due);
      const due = new Date(late.due);
      const message = `Due at ${due.toISOString()}, and this process has not begun it: ${late.why}`;
      const finding = { code: 'start.late', blame: 'us', message, count: 1 } as const;
      record(
        notBegun({
          suite,
          namespace: namespaceOf(suite),
          due,
          now: at,
          finding,
          diagnosis: diagnosisOf(suite, late.why),
        }),
      );
    }
  };
}

function diagnosisOf(suite: string, why: string): Diagnosis {
  return {
    component: 'setup',
    part: 'schedule',
    confidence: 'certain',
    sentence: `This process itself does not start ${suite} any more: ${why}. Restart it; it is a defect of the tool, please report it with the log.`,
    evidence: [],
    rule: 'setup/own-schedule',
  };
}

export interface OwnScheduleParts {
  readonly suites: readonly Suite[];
  readonly schedule: Pick<OwnScheduleOptions, 'dueAt'>;
  readonly runner: Pick<Runner, 'active'>;
  readonly store: Pick<Store, 'underway'>;
  readonly namespaceOf: (suite: string) => string;
  /** A run may take four of them, unless its suite says otherwise. */
  readonly eventTimeoutMs: number;
  record(event: RunEvent): void;
}

/** Looks every 15 s until it is told to stop. */
export function watchOwnSchedule(parts: OwnScheduleParts): () => void {
  const { suites, schedule, runner, store, namespaceOf, eventTimeoutMs, record } = parts;
  const limits = new Map(suites.map(({ name, timeout }) => [name, timeout ? timeout * 1000 : 4 * eventTimeoutMs]));
  const look = createOwnScheduleWatch({
    suites: suites.map(({ name }) => name),
    dueAt: schedule.dueAt,
    active() {
      const since = new Map(store.underway().map((run) => [run.suite, run.startedAt]));
      return runner.active.map(({ suite }) => ({ suite, since: since.get(suite) }));
    },
    namespaceOf,
    longestRunMs: (suite) => (limits.get(suite) ?? 0) + longestCleanupMs,
    record: (result) => record({ type: 'run-finished', result }),
  });
  const timer = setInterval(look, periodMs).unref();
  return () => clearInterval(timer);
}
