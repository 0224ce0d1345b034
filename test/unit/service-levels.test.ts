import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percent } from '../../runtime/dashboard/levels.ts';
import { createServiceLevels } from '../../runtime/memory/service-levels.ts';
import { createStore } from '../../runtime/memory/store.ts';
import { createRing } from '../../runtime/memory/tally.ts';
import type { Verdict } from '../../runtime/model/result.ts';
import { aFailedRun, aRun, at, play } from '../results.ts';

const hour = 60;
const day = 24 * hour;

/** `minutes` after midnight of the first day. */
function levelsOf(runs: readonly (readonly [minutes: number, verdict: Verdict])[], target = 0.999) {
  const levels = createServiceLevels(target);
  for (const [minutes, verdict] of runs) levels.count('http', verdict, at(minutes).getTime());
  return (now: number) => levels.level('http', at(now));
}

test('availability is passed of passed and failed: errored and unsupported runs count neither way', () => {
  const level = levelsOf([
    ...Array.from({ length: 9 }, (_, index) => [index, 'passed'] as const),
    [10, 'failed'],
    [11, 'errored'],
    [12, 'errored'],
    [13, 'unsupported'],
  ])(20);
  const all = { passed: 9, failed: 1, errored: 2, unsupported: 1, availability: 0.9 };
  assert.deepEqual(level.windows, { '24h': all, '7d': all, '30d': all });
  assert.equal(level.since, at(0).toISOString());
});

test('where no run could judge there is no availability, no budget and no burn rate', () => {
  const nothing = { passed: 0, failed: 0, errored: 1, unsupported: 0, availability: null };
  const level = levelsOf([[0, 'errored']])(5);
  assert.deepEqual(level.windows['30d'], nothing);
  assert.deepEqual([level.budgetLeft, level.burnRate], [null, { '1h': null, '6h': null }]);
  const { since, windows } = createServiceLevels(0.999).level('none', at(0));
  assert.deepEqual([since, windows['24h'].availability], [undefined, null]);
});

test('a failure leaves the day after 24 h, the week after 7 d, the month after 30 d; never before', () => {
  const level = levelsOf([[0, 'failed']]);
  const seen = (now: number) => Object.values(level(now).windows).map(({ failed }) => failed);
  assert.deepEqual(seen(day), [1, 1, 1]);
  assert.deepEqual(seen(day + 6), [0, 1, 1]);
  assert.deepEqual(seen(7 * day), [0, 1, 1]);
  assert.deepEqual(seen(7 * day + hour), [0, 0, 1]);
  assert.deepEqual(seen(30 * day), [0, 0, 1]);
  assert.deepEqual(seen(30 * day + hour), [0, 0, 0]);
});

test('the budget is what the target allows in 30 days; at a burn rate of 1 it lasts that long', () => {
  const runs = Array.from({ length: 1000 }, (_, index) => [index, index === 990 ? 'failed' : 'passed'] as const);
  const almost = (seen: number | null, wanted: number) => assert.ok(Math.abs(seen! - wanted) < 1e-6, `${seen}`);
  const level = levelsOf(runs, 0.995)(1000);
  almost(level.budgetLeft, 0.8);
  const { '1h': one, '6h': six } = level.burnRate;
  // The bucket of five minutes that the hour begins in counts whole.
  almost(one, 1 / 60 / 0.005);
  almost(six, 1 / 360 / 0.005);
  almost(levelsOf(runs)(1000).budgetLeft, 0);
  almost(levelsOf([...runs, [999, 'failed']], 0.999)(1000).budgetLeft, 1 - 2 / 1.001);
});

test('the days are those of UTC, the oldest first, today the last', () => {
  const { days } = levelsOf([
    [5, 'failed'],
    [day - 1, 'passed'],
    [2 * day, 'passed'],
  ])(2 * day + 10);
  assert.equal(days.length, 30);
  assert.deepEqual(
    days.slice(-3).map(({ date, availability }) => [date, availability]),
    [
      ['2026-01-01', 0.5],
      ['2026-01-02', null],
      ['2026-01-03', 1],
    ],
  );
});

test('a ring forgets what is older than it is long, also after a long silence and for a late report', () => {
  const ring = createRing(10, 3);
  ring.add(5, 'passed', 1);
  ring.add(15, 'passed', 1);
  ring.add(34, 'failed', 1);
  assert.deepEqual(ring.sum(0, 40), { passed: 1, failed: 1, errored: 0, unsupported: 0 });
  ring.add(9, 'errored', 1);
  assert.equal(ring.sum(0, 40).errored, 0);
  ring.add(12, 'errored', 1);
  assert.deepEqual(ring.bucket(10), [1, 0, 1, 0]);
  ring.add(5_000, 'passed', 1);
  assert.deepEqual(ring.sum(0, 6_000), { passed: 1, failed: 0, errored: 0, unsupported: 0 });
});

test('a bucket is full at 65,535 and does not begin anew', () => {
  const ring = createRing(10, 2);
  for (let run = 0; run < 70_000; run += 1) ring.add(5, 'passed', 1);
  assert.equal(ring.sum(0, 10).passed, 65_535);
});

test('a run that is judged and then finished counts once; what its clean-up changes counts as that', () => {
  const store = createStore({ now: () => at(1) });
  play(store, aRun('http'), aRun('http', { id: 'http-2' }));
  store.record({ type: 'run-judged', result: aRun('http', { id: 'http-3' }) });
  store.record({ type: 'run-finished', result: aFailedRun('http', { id: 'http-3' }) });
  const { passed, failed } = store.level('http').windows['24h'];
  assert.deepEqual({ passed, failed }, { passed: 2, failed: 1 });
});

test('runs of other processes count apart, once each, whenever they come', () => {
  const store = createStore({ now: () => at(10) });
  play(store, aFailedRun('http'));
  store.recordReported(aRun('http', { id: 'b' }), undefined, 60_000);
  store.recordReported(aRun('http', { id: 'b' }), undefined, 50_000);
  store.recordReported(aRun('http', { id: 'a' }), undefined, 400_000);
  store.recordReported(aRun('http', { id: 'a' }), undefined, 400_000);
  assert.equal(store.level('http').windows['24h'].availability, 0);
  const { passed, failed } = store.level('http', 'remote').windows['24h'];
  assert.deepEqual({ passed, failed }, { passed: 2, failed: 0 });
});

test('a figure is cut, not rounded: with one failure of a million it is not 100%', () => {
  const shown = [1, 0.9999994, 0.99996, 0.99995, 0.999, 0.98765, 0.5, 0].map(percent);
  assert.deepEqual(shown, ['100%', '99.9999%', '99.996%', '99.995%', '99.9%', '98.76%', '50%', '0%']);
});
