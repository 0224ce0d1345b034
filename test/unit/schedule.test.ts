import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import type { Config } from '../../runtime/config/shape.ts';
import { Held } from '../../runtime/defects.ts';
import { createOwnScheduleWatch } from '../../runtime/late/own-schedule.ts';
import type { StartOutcome } from '../../runtime/model/outcome.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { createSchedule, staggerMs } from '../../runtime/process/schedule.ts';

const suite = (name: string): Suite => ({ name, description: name, steps: ['One'], uses: [], run: async () => {} });

/** Runs end when the test says so; every start is kept with its instant. */
function fakeRunner() {
  const starts: { suite: string; at: number; end: (outcome?: Error) => Promise<void> }[] = [];
  let underWay = 0;
  return {
    starts,
    mostAtOnce: 0,
    start({ name }: Suite): StartOutcome {
      const run = Promise.withResolvers<RunResult>();
      underWay += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, underWay);
      const end = async (outcome?: Error) => {
        underWay -= 1;
        if (outcome) run.reject(outcome);
        else run.resolve({} as RunResult);
        await settle();
      };
      starts.push({ suite: name, at: Date.now(), end });
      return { kind: 'run', id: 'r', joined: false, judged: run.promise, finished: run.promise };
    },
  };
}

/** Lets everything happen that waits for no timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function running(t: TestContext, config: Partial<Config>, ...names: string[]) {
  const runner = fakeRunner();
  const suites = names.map(suite);
  const schedule = createSchedule({ suites, runner, config: { pauseBetweenRunsMs: 0, schedules: {}, ...config } });
  const app = fastify();
  await app.register(schedule.plugin);
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: Date.parse('2030-01-01T00:00:00Z') });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const tick = async (ms: number) => {
    t.mock.timers.tick(ms);
    await settle();
  };
  return { app, runner, schedule, tick };
}

test('the pause is counted from the end of a run', async (t) => {
  const { runner, tick } = await running(t, { pauseBetweenRunsMs: 5000 }, 'dns');
  await tick(staggerMs('dns', 5000));
  assert.equal(runner.starts.length, 1);
  await tick(60_000);
  assert.equal(runner.starts.length, 1, 'never an overlap');
  await runner.starts[0]?.end();
  await tick(4999);
  assert.equal(runner.starts.length, 1);
  await tick(1);
  assert.equal(runner.starts.length, 2);
});

test('a pause of 0 starts again within a second of the last start, whatever the verdict', async (t) => {
  const { runner, tick } = await running(t, {}, 'dns');
  await tick(1000);
  for (const round of [1, 2, 3]) {
    assert.equal(runner.starts.length, round);
    await runner.starts.at(-1)?.end(round === 2 ? new Error('defect') : undefined);
    await tick(1000);
  }
});

test('first runs are staggered by the name, within a second in a demo and within 30 s else', () => {
  const names = ['dns', 'http', 'http_update', 'service', 'namespace', 'deployment', 'deployment_scale'];
  for (const [pauseMs, windowMs] of [
    [0, 1000],
    [5000, 1000],
    [10_000, 10_000],
    [300_000, 30_000],
  ] as const) {
    const delays = names.map((name) => staggerMs(name, pauseMs));
    assert.ok(delays.every((delay) => delay >= 0 && delay < windowMs));
    assert.ok(new Set(delays).size > names.length / 2);
    assert.deepEqual(
      delays,
      names.map((name) => staggerMs(name, pauseMs)),
    );
  }
});

test('every suite has its own clock', async (t) => {
  const { runner, tick } = await running(t, {}, 'dns', 'http');
  await tick(1000);
  assert.deepEqual(new Set(runner.starts.map((start) => start.suite)), new Set(['dns', 'http']));
  assert.equal(runner.mostAtOnce, 2);
});

test('a namespace held by another process is tried again after the time that process asks for', async (t) => {
  const { runner, schedule, tick } = await running(t, { pauseBetweenRunsMs: 300_000 }, 'dns');
  await tick(30_000);
  await runner.starts[0]?.end(new Held('other', 7000, 'ns'));
  assert.equal(schedule.nextRun('dns'), new Date(Date.now() + 7000).toISOString());
  await tick(7000);
  assert.equal(runner.starts.length, 2);
});

test('cron starts on the minute, drops ticks during a run, and knows its next', async (t) => {
  const { runner, schedule, tick } = await running(
    t,
    { schedule: '0 0 1 1 *', schedules: { dns: '*/5 * * * *' } },
    'dns',
    'http',
  );
  assert.equal(schedule.nextRun('dns'), '2030-01-01T00:05:00.000Z');
  for (let minute = 0; minute < 12; minute += 1) await tick(60_000);
  assert.deepEqual(
    runner.starts.map((start) => [start.suite, new Date(start.at).toISOString()]),
    [['dns', '2030-01-01T00:05:00.000Z']],
  );
  await runner.starts[0]?.end();
  for (let minute = 0; minute < 5; minute += 1) await tick(60_000);
  assert.equal(runner.starts.length, 2);
});

test('cron reads its hours in the time zone asked for', async (t) => {
  const { schedule } = await running(t, { schedule: '0 3 * * *', timeZone: 'Asia/Tokyo' }, 'dns');
  assert.equal(schedule.nextRun('dns'), '2030-01-01T18:00:00.000Z');
});

test('a cron run that finds its namespace held is tried again before the next tick', async (t) => {
  const { runner, tick } = await running(t, { schedule: '*/5 * * * *' }, 'dns');
  for (let minute = 0; minute < 5; minute += 1) await tick(60_000);
  await runner.starts[0]?.end(new Held('other', 2000, 'ns'));
  await tick(2000);
  assert.equal(runner.starts.length, 2);
});

test('a clock that is set back a little after a run starts nothing twice, and one that is set on starts what it passed once', async (t) => {
  const { runner, tick } = await running(t, { schedule: '*/5 * * * *' }, 'dns');
  for (let minute = 0; minute < 5; minute += 1) await tick(60_000);
  await runner.starts[0]?.end();
  t.mock.timers.setTime(Date.parse('2030-01-01T00:03:00Z'));
  for (let half = 0; half < 8; half += 1) await tick(30_000);
  assert.equal(runner.starts.length, 1);
  t.mock.timers.setTime(Date.parse('2030-01-01T00:41:00Z'));
  await tick(30_000);
  assert.equal(runner.starts.length, 2);
});

test('a date that is further away than a timer can count is waited for', async (t) => {
  const { runner, schedule, tick } = await running(t, { schedule: '0 0 1 6 *', timeZone: 'UTC' }, 'dns');
  assert.equal(schedule.nextRun('dns'), '2030-06-01T00:00:00.000Z');
  await tick(60_000);
  assert.equal(runner.starts.length, 0);
});

test('the next run is known while a suite pauses, and not while it runs', async (t) => {
  const { schedule, tick } = await running(t, { pauseBetweenRunsMs: 60_000 }, 'dns');
  assert.equal(schedule.nextRun('dns'), new Date(Date.now() + staggerMs('dns', 60_000)).toISOString());
  await tick(30_000);
  assert.equal(schedule.nextRun('dns'), undefined);
  assert.equal(schedule.nextRun('unknown'), undefined);
});

test('nothing starts after close, also not behind a run that ends later', async (t) => {
  const { app, runner, tick } = await running(t, {}, 'dns', 'http');
  await tick(1000);
  assert.equal(runner.starts.length, 2);
  await app.close();
  for (const start of runner.starts) await start.end();
  await tick(120_000);
  assert.equal(runner.starts.length, 2);
});

test('an app that never listens starts nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
  const runner = fakeRunner();
  const app = fastify();
  await app.register(
    createSchedule({ suites: [suite('dns')], runner, config: { pauseBetweenRunsMs: 0, schedules: {} } }).plugin,
  );
  await app.ready();
  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(runner.starts.length, 0);
  await app.close();
});

test('a schedule whose timers do not ring is known to be late, by cron and by pause', async (t) => {
  for (const config of [{ pauseBetweenRunsMs: 60_000 }, { schedule: '*/5 * * * *' }]) {
    await t.test(JSON.stringify(config), async (t) => {
      const { app, schedule, runner, tick } = await running(t, config, 'dns');
      const due = schedule.dueAt('dns') ?? Number.NaN;
      assert.ok(due > Date.now());
      app.scheduler.stop();
      const recorded: RunResult[] = [];
      const look = createOwnScheduleWatch({
        suites: ['dns'],
        dueAt: schedule.dueAt,
        active: () => [],
        namespaceOf: () => '',
        longestRunMs: () => 60_000,
        record: (result) => void recorded.push(result),
      });
      while (Date.now() < due + 90_000) {
        look();
        await tick(15_000);
      }
      assert.equal(runner.starts.length, 0);
      assert.deepEqual(
        recorded.map(({ suite, startedAt }) => [suite, startedAt]),
        [['dns', new Date(due).toISOString()]],
      );
    });
  }
});

test('a schedule that has nothing more to come is not late', async (t) => {
  const { schedule } = await running(t, { schedule: '0 0 1 1 *' }, 'dns');
  assert.ok((schedule.dueAt('dns') ?? 0) > Date.now());
  assert.equal(schedule.dueAt('unknown'), undefined);
});
