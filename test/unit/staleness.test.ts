import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../runtime/config/config.ts';
import { longestGapMs } from '../../runtime/config/longest-gap.ts';
import { staleAfterMs } from '../../runtime/config/staleness.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('the longest gap of a cron expression', () => {
  // The first of a minute's seconds stands for all of them.
  for (const [cron, gap] of [
    ['*/5 * * * *', 5 * minute],
    ['*/10 * * * * *', 10_000],
    ['7 * * * *', hour],
    ['@hourly', hour],
    ['0 3 * * *', day],
    ['@daily', day],
    ['0 3 * * 1-5', 3 * day],
    ['* 9-17 * * 1-5', 3 * day - (8 * hour + 59 * minute)],
    ['* 0-20 * * *', 3 * hour + minute],
    ['0 0 1 * *', 31 * day],
    ['@weekly', 7 * day],
    ['0 3 * 1-11 *', 32 * day],
  ] as const)
    assert.ok(Math.abs(longestGapMs(cron) - gap) < minute, `${cron}: ${longestGapMs(cron) / minute} min`);
});

test('a result holds for twice the longest gap, and at least TIME_TO_REPORT_PROBLEM', () => {
  const minutes = (env: Record<string, string>, timeout?: number) =>
    staleAfterMs(readConfig({ CLUSTER: 'sandbox', ...env }), { name: 'dns', ...(timeout && { timeout }) }) / minute;
  assert.equal(minutes({}), 20);
  assert.equal(minutes({ TIME_TO_REPORT_PROBLEM: '45' }), 45);
  assert.equal(minutes({ SCHEDULE: '*/5 * * * *' }), 20);
  assert.equal(minutes({ SCHEDULE: '0 * * * *' }), 120);
  assert.equal(minutes({ SCHEDULE: '0 * * * *', SCHEDULE_DNS: '0 3 * * *' }), 2 * 24 * 60);
  assert.equal(minutes({ SCHEDULE_HTTP: '0 3 * * *' }), 20);
  assert.equal(minutes({ SCHEDULE: '0 3 * * *', SCHEDULER: 'off' }), 20);
  // An hour between runs, each of which may take four minutes.
  assert.equal(minutes({ SECONDS_BETWEEN_RUNS: '3600' }), 128);
  assert.equal(minutes({}, 900), 30);
});
