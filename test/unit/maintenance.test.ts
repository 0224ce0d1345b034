import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { ConfigError, readConfig } from '../../runtime/config/config.ts';
import { maintenanceWindows } from '../../runtime/config/maintenance-windows.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { MaintenanceKept } from '../../runtime/model/maintenance.ts';
import { createCalendar } from '../../runtime/process/maintenance-calendar.ts';
import { createMaintenance } from '../../runtime/process/maintenance-watch.ts';
import { samplesOf } from '../../runtime/sinks/metric-catalogue.ts';
import { createPrometheus } from '../../runtime/sinks/prometheus.ts';
import { aFailedRun, aRun, at, play } from '../results.ts';

const hour = 60;
/** 2026-01-01 was a Thursday. */
const saturday = 2 * 24 * hour;
const spanOf = (calendar: string, minute: number, timeZone = 'UTC') => {
  const span = createCalendar(maintenanceWindows(calendar), timeZone).at(at(minute).getTime());
  return span && [span.since, span.until].map((one) => new Date(one).toISOString().slice(5, 16)).join(' ');
};

test('a window lasts from when its cron is due for as long as it says, its end not included', () => {
  const calendar = '0 2 * * 6 4h';
  assert.equal(spanOf(calendar, saturday + 2 * hour - 1), undefined);
  for (const minute of [0, 1, 4 * hour - 1])
    assert.equal(spanOf(calendar, saturday + 2 * hour + minute), '01-03T02:00 01-03T06:00');
  assert.equal(spanOf(calendar, saturday + 6 * hour), undefined);
});

test('a window has a time zone of its own, else that of TZ', () => {
  assert.equal(spanOf('0 2 * * * Europe/Berlin 1h', hour + 30), '01-01T01:00 01-01T02:00');
  assert.equal(spanOf('0 2 * * * 1h', hour + 30, 'Europe/Berlin'), '01-01T01:00 01-01T02:00');
  assert.equal(spanOf('0 2 * * * UTC 1h', hour + 30, 'Europe/Berlin'), undefined);
});

test('windows that meet or overlap are one; another stands by itself', () => {
  const all = '0 2 * * * 2h; 0 4 * * * 30m; 15 4 * * * 1h; 0 6 * * * 1h';
  assert.equal(spanOf(all, 3 * hour), '01-01T02:00 01-01T05:15');
  assert.equal(spanOf(all, 4 * hour + 20), '01-01T04:00 01-01T05:15');
  assert.equal(spanOf(all, 5 * hour + 15), undefined);
  const next = createCalendar(maintenanceWindows(all), 'UTC').next(at(5 * hour + 15).getTime());
  assert.deepEqual(next, { since: at(6 * hour).getTime(), until: at(7 * hour).getTime() });
  assert.equal(createCalendar([]).next(0), undefined);
});

test('MAINTENANCE says of each window what is wrong with it and what would be right', () => {
  const said = (MAINTENANCE: string) => {
    try {
      return JSON.stringify(readConfig({ MAINTENANCE }).maintenance);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['0 2 * * 6', /"0 2 \* \* 6" does not say how long, for example MAINTENANCE=0 2 \* \* 6 4h/],
    ['0 2 * * 4h', /"0 2 \* \* 4h" has 4 fields of cron/],
    ['0 0 2 * * 6 4h', /has 6 fields of cron/],
    ['0 2 * * 6 4h; 0 25 * * * 1h', /a cron expression \(.*\) in "0 25 \* \* \* 1h"/],
    ['0 2 * * 6 Mars/Phobos 4h', /an IANA time zone.* in "0 2 \* \* 6 Mars\/Phobos 4h"/],
    ['0 2 * * * 0m', /windows of one minute to seven days; "0 2 \* \* \* 0m" is none/],
    ['0 2 * * * 8d', /seven days/],
    ['0 2 * * * 24h', /windows that end before they begin anew; "0 2 \* \* \* 24h" would never end/],
  ];
  for (const [text, expected] of wrong) assert.match(said(text), expected);
  const right = maintenanceWindows('0 2 * * SAT 1h30m ; */5 1-2 * JAN MON-FRI UTC 4m;');
  assert.deepEqual(
    right.map(({ durationMs, timeZone }) => [durationMs / 60_000, timeZone]),
    [
      [90, undefined],
      [4, 'UTC'],
    ],
  );
  assert.equal(readConfig({ MAINTENANCE: '0 2 * * 6 4h', TZ: 'Europe/Berlin' }).timeZone, 'Europe/Berlin');
});

function world(calendar = '', kept?: MaintenanceKept) {
  let minute = 0;
  const written: MaintenanceKept[] = [];
  const maintenance = createMaintenance({
    windows: maintenanceWindows(calendar),
    timeZone: 'UTC',
    now: () => at(minute).getTime(),
    keep: (change) => written.push(change),
    ...(kept && { kept }),
  });
  const to = (next: number) => {
    minute = next;
  };
  return { maintenance, written, to };
}

test('one that is asked for lasts its minutes, takes the place of the one before, and can be ended', () => {
  const { maintenance, to } = world();
  let changes = 0;
  maintenance.subscribe(() => changes++);
  assert.deepEqual([maintenance.current, maintenance.end, maintenance.next], [undefined, 0, undefined]);
  const span = { since: at(0).toISOString(), until: at(60).toISOString() };
  assert.deepEqual(maintenance.begin(60, 'Nodes'), { ...span, by: 'call', reason: 'Nodes' });
  assert.equal(maintenance.current, maintenance.current);
  to(30);
  maintenance.begin(10);
  assert.equal(maintenance.current?.until, at(40).toISOString());
  to(40);
  assert.deepEqual([maintenance.current, maintenance.end], [undefined, at(40).getTime()]);
  to(50);
  maintenance.begin(60);
  to(55);
  maintenance.finish();
  assert.deepEqual([maintenance.current, maintenance.end], [undefined, at(55).getTime()]);
  assert.equal(changes, 5);
  maintenance.close();
});

test('a scheduled one can be ended too, and the next of its days comes all the same', () => {
  const { maintenance, to, written } = world('0 2 * * * 4h');
  const current = () => maintenance.current;
  to(3 * hour);
  assert.deepEqual([current()?.by, current()?.until], ['schedule', at(6 * hour).toISOString()]);
  maintenance.finish();
  to(4 * hour);
  assert.equal(current(), undefined);
  assert.equal(maintenance.next?.since, at(26 * hour).toISOString());
  const again = world('0 2 * * * 4h', written.at(-1));
  again.to(4 * hour);
  assert.equal(again.maintenance.current, undefined, 'nor does it come back with a restart');
  to(27 * hour);
  assert.equal(current()?.since, at(26 * hour).toISOString());
  for (const one of [maintenance, again.maintenance]) one.close();
});

test('one that was asked for holds over a restart, and lasts as long as a scheduled one beside it', () => {
  const { maintenance, written } = world();
  maintenance.begin(180, 'Nodes');
  const again = world('0 2 * * * 4h', written[0]);
  again.to(2 * hour + 1);
  const { by, reason, until } = again.maintenance.current!;
  assert.deepEqual([by, reason, until], ['call', 'Nodes', at(6 * hour).toISOString()]);
  for (const one of [maintenance, again.maintenance]) one.close();
});

test('whoever listens hears of its beginning and its end by the clock alone', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: at(0) });
  try {
    const maintenance = createMaintenance({ windows: maintenanceWindows('0 2 * * * 4h'), timeZone: 'UTC' });
    const heard: string[] = [];
    maintenance.subscribe(() => heard.push(`${maintenance.current?.by} ${new Date().toISOString().slice(11, 16)}`));
    for (let step = 0; step < 7 * 120; step += 1) mock.timers.tick(30_000);
    assert.deepEqual(heard, ['schedule 02:00', 'undefined 06:00']);
    maintenance.close();
  } finally {
    mock.timers.reset();
  }
});

test('a run of which any part was in a window is left out of availability, and is in the history as that', () => {
  let minute = 0;
  const { maintenance, to } = world('0 2 * * * 1h');
  const store = createStore({ now: () => at(minute), inMaintenance: maintenance.covers });
  const run = (from: number, until: number, status: 'passed' | 'failed' = 'failed') => {
    minute = until;
    to(until);
    // The window is seen by its clock as well; here somebody looks.
    assert.ok(maintenance.end >= 0);
    const changes = { id: `r${from}`, startedAt: at(from).toISOString(), finishedAt: at(until).toISOString() };
    play(store, (status === 'failed' ? aFailedRun : aRun)('dns', changes));
  };
  run(60, 70, 'passed');
  run(118, 122);
  run(150, 155);
  run(179, 182);
  run(183, 190);
  const { passed, failed } = store.level('dns').windows['24h'];
  assert.deepEqual([passed, failed], [1, 1]);
  const marks = store.runs('dns').map(({ id, maintenance: mark }) => [id, mark]);
  assert.deepEqual(marks, [
    ['r183', undefined],
    ['r179', true],
    ['r150', true],
    ['r118', true],
    ['r60', undefined],
  ]);
  minute = 125;
  to(125);
  store.recordReported(aFailedRun('backup', { id: 'b1', durationMs: 60_000 }));
  // Reported late: it was over before the window began.
  store.recordReported(aFailedRun('early', { id: 'e1', durationMs: 60_000 }), undefined, 6 * 60_000);
  const early = store.runs('early', 'remote')[0]?.maintenance;
  assert.deepEqual([early, store.level('early', 'remote').windows['24h'].failed], [undefined, 1]);
  assert.deepEqual(
    [store.runs('backup', 'remote')[0]?.maintenance, store.level('backup', 'remote').since],
    [true, undefined],
  );
  maintenance.close();
});

test('a run that is judged before a window and cleaned up in it counts once, as what it was', () => {
  let inMaintenance = false;
  const store = createStore({ now: () => at(0), inMaintenance: () => inMaintenance });
  store.record({ type: 'run-judged', result: aFailedRun('dns') });
  inMaintenance = true;
  store.record({ type: 'run-finished', result: aFailedRun('dns') });
  assert.equal(store.level('dns').windows['24h'].failed, 1);
  store.record({ type: 'run-judged', result: aRun('http') });
  inMaintenance = false;
  store.record({ type: 'run-finished', result: aFailedRun('http') });
  assert.equal(store.level('http').since, undefined);
});

test('an episode is marked as one of a maintenance until a run outside of it is red', () => {
  let inMaintenance = true;
  let minute = 0;
  const store = createStore({ now: () => at(minute), inMaintenance: () => inMaintenance });
  const marks = () => store.episodes.map(({ maintenance }) => maintenance);
  const red = (id: string) => play(store, aFailedRun('dns', { id, finishedAt: at(++minute).toISOString() }));
  red('d1');
  red('d2');
  assert.deepEqual(marks(), [true]);
  inMaintenance = false;
  red('d3');
  assert.deepEqual(marks(), [undefined]);
  play(store, aRun('dns', { id: 'd4' }));
  inMaintenance = true;
  red('d5');
  play(store, aRun('dns', { id: 'd6' }));
  assert.deepEqual(marks(), [true, undefined]);
});

test('its runs are counted as maintenance, whatever they were; the last verdict stays what it is', async () => {
  const result = aFailedRun('dns');
  const standing = { inMaintenance: () => true, maintenanceEnd: () => at(60).getTime() };
  const samples = samplesOf({ type: 'run-finished', result }, () => undefined, standing);
  const value = (metric: string, ...parts: string[]) =>
    samples.find((one) => one.metric === metric && one.parts.join() === parts.join())?.value;
  assert.deepEqual([value('run', 'dns', 'maintenance'), value('run', 'dns', 'failed')], [1, undefined]);
  assert.equal(value('suite_state', 'dns', 'failed'), 1);
  assert.equal(value('maintenance_until', 'dns'), at(60).getTime() / 1000);
  let end = 0;
  const build = { version: '1', cluster: () => 'test', suites: ['dns'], maintenanceEnd: () => end };
  const prometheus = createPrometheus(() => undefined, build);
  const figures = async () => (await prometheus.text()).match(/^e2etest_maintenance\S* \d+$/gm);
  assert.deepEqual(await figures(), [
    'e2etest_maintenance 0',
    'e2etest_maintenance_until_timestamp_seconds{suite="dns"} 0',
  ]);
  end = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
  assert.deepEqual(await figures(), [
    'e2etest_maintenance 1',
    `e2etest_maintenance_until_timestamp_seconds{suite="dns"} ${end / 1000}`,
  ]);
});
