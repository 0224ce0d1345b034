/**
 * Looks after suites that somebody else starts. A suite whose tick has passed without a sign of it is recorded as a run that did not begin, with what is
 * in its way, within two minutes of the tick.
 */
import { Cron } from 'croner';
import type { PlannedStart, StartReader } from '../kube/session/starts.ts';
import type { ClusterIdentity, RunResult } from '../model/result.ts';
import { isServed, lateRun } from './late-diagnosis.ts';

export interface LateWatchOptions {
  readonly reader: StartReader;
  readonly namespace: string;
  /** The newest instant at which the suite is known to have been at work; undefined: never. */
  lastSign(suite: string): string | undefined;
  record(result: RunResult): void;
  /** Asks the Service, which wakes it: its status, or why there is no answer. */
  ask(service: string): Promise<string>;
  cluster?(): ClusterIdentity;
  readonly log: { warn(fields: object, message: string): void };
  readonly now?: () => Date;
}

export interface LateWatch {
  /** One look at every suite that is due. Never rejects. */
  look(): Promise<void>;
}

/** A process starts within seconds and reports its first step at its end: only then is silence news. */
export const graceMs = 60_000;
/** The same trouble is looked at again that often. */
const againMs = 45_000;
/** A schedule holds from then on, once it is known. */
const learningMs = 60_000;
/** Clocks of the sender and ours. */
const slackMs = 5_000;

export function createLateWatch(options: LateWatchOptions): LateWatch {
  const { reader, namespace, lastSign, record, ask, log } = options;
  const now = options.now ?? (() => new Date());
  /** Source → its schedule, and since when this process knows it: ticks of before were never promised to it. */
  const promised = new Map<string, { readonly schedule: string; readonly since: number }>();
  const lookedAt = new Map<string, number>();
  let warned = false;

  /** The newest tick that is at least `graceMs` old and was promised when it was due. */
  function dueAt({ source, schedule, timeZone }: PlannedStart, at: Date): Date | undefined {
    const known = promised.get(source);
    if (known?.schedule !== schedule) promised.set(source, { schedule, since: at.getTime() });
    const since = promised.get(source)?.since ?? at.getTime();
    try {
      const before = new Date(at.getTime() - graceMs);
      const [due] = new Cron(schedule, { timezone: timeZone, paused: true }).previousRuns(1, before);
      // Whoever sends the ticks may learn of a change later than we do.
      return due && due.getTime() >= since + learningMs ? due : undefined;
    } catch {
      return undefined;
    }
  }

  async function lookAt(planned: PlannedStart): Promise<void> {
    const at = now();
    const due = dueAt(planned, at);
    const sign = Date.parse(lastSign(planned.suite) ?? '');
    if (!due || sign >= due.getTime() - slackMs) return;
    if (at.getTime() - (lookedAt.get(planned.suite) ?? Number.NEGATIVE_INFINITY) < againMs) return;
    lookedAt.set(planned.suite, at.getTime());
    const before = await reader.look(planned.service);
    const isAtWork = before.evidence.pods.some(
      ({ deletedAt, conditions }) =>
        !deletedAt && conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    // It runs, and reports its first step when that is over.
    if (isAtWork) return;
    // Asked last: the question wakes what was asleep, and that must not be taken for the tick's work.
    const answer = await ask(planned.service);
    // Who was asked and does not come has shown by now what keeps it.
    const view = isServed(answer) ? before : await reader.look(planned.service);
    const cluster = options.cluster?.();
    record(lateRun({ planned, due, now: now(), namespace, view, answer, ...(cluster && { cluster }) }));
  }

  return {
    async look() {
      try {
        const planned = await reader.plan();
        await Promise.all(planned.map(lookAt));
        warned = false;
      } catch (error) {
        if (!warned) log.warn({ err: error }, 'The plan of the suites cannot be read: what starts late is not noticed');
        warned = true;
      }
    },
  };
}
