/** When each suite runs: a pause after its last run, or cron. Never two runs of a suite at a time. */
import { fastifySchedule } from '@fastify/schedule';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AsyncTask, SimpleIntervalJob } from 'toad-scheduler';
import type { Config } from '../config/shape.ts';
import { Held } from '../defects.ts';
import type { Runner } from '../model/outcome.ts';
import type { Suite } from '../model/suite.ts';
import { wallTimes } from './wall-time.ts';

/** However short its pause, a suite starts at most once in that time: a suite of a few milliseconds must not flood the cluster. */
const shortestPeriodMs = 1000;
const demoPauseMs = 5000;
const demoStaggerMs = 1000;
const longestStaggerMs = 30_000;
/** A clock that is set meanwhile, or a machine that slept, is noticed that soon. */
const lookAgainMs = 30_000;
/** A clock that is set back by more starts the schedule anew; by less, nothing that has run runs again. */
const setBackMs = 3_600_000;

export interface ScheduleOptions {
  readonly suites: readonly Suite[];
  readonly runner: Pick<Runner, 'start'>;
  readonly config: Pick<Config, 'pauseBetweenRunsMs' | 'schedule' | 'schedules' | 'timeZone'>;
}

export interface Schedule {
  /** Registers every suite's job; they end with the app. */
  readonly plugin: (app: FastifyInstance) => Promise<void>;
  /** Instant at which a suite starts next; undefined while that depends on a run under way. */
  nextRun(suite: string): string | undefined;
  /**
   * What its timers were set for, in milliseconds since 1970: in the past where they do not ring. Infinity where nothing is to come, undefined
   * while no timer is set, as during a run.
   */
  dueAt(suite: string): number | undefined;
}

interface Clock {
  begin(): void;
  readonly next: () => Date | undefined;
  readonly due: () => number | undefined;
}

interface Home {
  readonly app: FastifyInstance;
  readonly runner: Pick<Runner, 'start'>;
  readonly isClosing: () => boolean;
}

export function createSchedule({ suites, runner, config }: ScheduleOptions): Schedule {
  const clocks = new Map<string, Clock>();
  return {
    plugin: fastifyPlugin(async (app) => {
      let closing = false;
      const home: Home = { app, runner, isClosing: () => closing };
      await app.register(fastifySchedule);
      for (const suite of suites) {
        const cron = config.schedules[suite.name] ?? config.schedule;
        clocks.set(
          suite.name,
          cron ? cronClock(home, suite, cron, config.timeZone) : pauseClock(home, suite, config.pauseBetweenRunsMs),
        );
      }
      // Not before: a process that cannot listen must not touch the cluster.
      app.addHook('onListen', async () => {
        for (const clock of clocks.values()) clock.begin();
      });
      app.addHook('preClose', async () => {
        closing = true;
        app.scheduler.stop();
      });
    }),
    nextRun: (suite) => clocks.get(suite)?.next()?.toISOString(),
    dueAt: (suite) => clocks.get(suite)?.due(),
  };
}

/**
 * Milliseconds before a suite's first run, from a hash of its name, so that suites do not start in step: within 1 s when the pause is
 * at most 5 s, else within the pause, 30 s at most.
 */
export function staggerMs(suite: string, pauseMs: number): number {
  const window = pauseMs <= demoPauseMs ? demoStaggerMs : Math.min(pauseMs, longestStaggerMs);
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of Buffer.from(suite)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % window;
}

/** The next run begins a pause after the end of the last, clean-up included. */
function pauseClock(home: Home, suite: Suite, pauseMs: number): Clock {
  const alarm = createAlarm(home, suite.name, async () => {
    const began = performance.now();
    const outcome = await runOnce(home, suite);
    const restMs = shortestPeriodMs - (performance.now() - began);
    alarm.set(outcome === 'over' ? Math.max(pauseMs, restMs) : outcome.retryAfterMs);
  });
  return {
    begin: () => alarm.set(staggerMs(suite.name, pauseMs)),
    next: alarm.at,
    due: () => alarm.at()?.getTime(),
  };
}

/** What is due during a run is dropped; a run that finds the namespace held by another process is tried again. */
function cronClock(home: Home, suite: Suite, cronExpression: string, timeZone?: string): Clock {
  const times = wallTimes(cronExpression, timeZone);
  /** Everything up to this instant has run, or is dropped. */
  let done = 0;
  let due: number | undefined;
  const plan = () => {
    const now = Date.now();
    done = done - now > setBackMs ? now : Math.max(done, now);
    due = times.after(new Date(done))?.getTime();
    wait();
  };
  const wait = () => {
    if (due !== undefined) alarm.set(Math.min(due - Date.now(), lookAgainMs));
  };
  const tick = async () => {
    const outcome = await runOnce(home, suite);
    if (outcome !== 'over') retry.set(outcome.retryAfterMs);
  };
  const alarm = createAlarm(home, suite.name, async () => {
    const now = Date.now();
    if (done - now > setBackMs) return plan();
    if (due === undefined || now < due) return wait();
    done = due;
    await tick();
    plan();
  });
  const retry = createAlarm(home, `${suite.name} again`, tick);
  return {
    begin: plan,
    next: () => retry.at() ?? times.after(new Date(Math.max(done, Date.now()))),
    due: () => retry.at()?.getTime() ?? due ?? Number.POSITIVE_INFINITY,
  };
}

/** Resolves when the run is over. A run that somebody else started is joined. */
async function runOnce(home: Home, suite: Suite): Promise<'over' | { retryAfterMs: number }> {
  const outcome = home.runner.start(suite, 'schedule');
  if (outcome.kind === 'closing') return 'over';
  try {
    await outcome.finished;
  } catch (error) {
    if (error instanceof Held) return { retryAfterMs: error.retryAfterMs };
    logTo(home, suite.name)(error as Error);
  }
  return 'over';
}

interface Alarm {
  /** Rings once, after that many milliseconds; never once the app closes. */
  set(delayMs: number): void;
  /** When it rings; undefined when it is not set. */
  readonly at: () => Date | undefined;
}

/** One interval job that is armed anew with another interval each time, since the scheduler keeps every job it was ever given. */
function createAlarm(home: Home, id: string, ring: () => Promise<void>): Alarm {
  const { scheduler } = home.app;
  const interval = { milliseconds: 0 };
  let at: Date | undefined;
  const task = new AsyncTask(
    id,
    async () => {
      scheduler.stopById(id);
      at = undefined;
      await ring();
    },
    logTo(home, id),
  );
  const job = new SimpleIntervalJob(interval, task, { id });
  return {
    set(delayMs) {
      if (home.isClosing()) return;
      interval.milliseconds = Math.max(1, Math.ceil(delayMs));
      at = new Date(Date.now() + interval.milliseconds);
      if (scheduler.existsById(id)) scheduler.startById(id);
      else scheduler.addSimpleIntervalJob(job);
    },
    at: () => at,
  };
}

/** A scheduler's error handler that throws would be an unhandled rejection. */
function logTo({ app }: Home, job: string): (error: Error) => void {
  return (error) => app.log.error({ err: error, job }, 'a scheduled run could not be made');
}
