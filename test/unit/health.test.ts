import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth, healthOf, healthOfSuite } from '../../runtime/memory/cluster-health.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { SuiteState } from '../../runtime/model/health.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { aFailedRun, aRun, at, play } from '../results.ts';

const limitMs = 20 * 60_000;
const day = 24 * 60;

function world(...names: string[]) {
  let minute = 0;
  const store = createStore({ now: () => at(minute) });
  const suites = names.map((name) => ({ name }));
  return {
    store,
    to(next: number) {
      minute = next;
    },
    run(suite: string, status: RunResult['status'], finishedAt = at(minute).toISOString()) {
      const make = status === 'passed' ? aRun : aFailedRun;
      play(store, make(suite, { id: `${suite}-${minute}`, status, finishedAt }));
    },
    read: () => healthOf(store.snapshot(), suites, at(minute), limitMs),
    cached: createHealth(store, suites, limitMs, { now: () => at(minute) }),
  };
}

test('each suite is stale by its own limit, and says how old it may be', () => {
  const store = createStore({ now: () => at(0) });
  const suites = [{ name: 'dns' }, { name: 'http' }];
  const limit = (suite: string) => (suite === 'http' ? 120 * 60_000 : limitMs);
  let minute = 0;
  const read = createHealth(store, suites, limit, { now: () => at(minute) });
  play(store, aRun('dns', { finishedAt: at(0).toISOString() }), aRun('http', { finishedAt: at(0).toISOString() }));
  const states = (now: number) => {
    minute = now;
    return read().suites.map(({ state, staleAfterMs = 0 }) => `${state} ${staleAfterMs / 60_000}`);
  };
  assert.deepEqual(states(19), ['passing 0', 'passing 0']);
  assert.deepEqual(states(21), ['stale 20', 'passing 0']);
  assert.deepEqual(states(121), ['stale 20', 'stale 120']);
});

test('a suite of another process holds as long as that process says', () => {
  const store = createStore({ now: () => at(0) });
  store.recordReported(aRun('backup', { finishedAt: at(0).toISOString() }), 120 * 60_000);
  store.recordReported(aRun('dns', { finishedAt: at(0).toISOString() }));
  const states = (now: number) => healthOf(store.snapshot(), [], at(now), limitMs).suites.map(({ state }) => state);
  assert.deepEqual(states(21), ['passing', 'stale']);
  assert.deepEqual(states(121), ['stale', 'stale']);
});

test('all is passing since the last suite is, and failing since the first suite does', () => {
  const { read, run, to } = world('dns', 'http');
  run('dns', 'passed');
  run('http', 'failed');
  to(5);
  run('http', 'passed');
  assert.deepEqual([read().status, read().since], ['passing', at(5).toISOString()]);
  to(6);
  run('dns', 'failed');
  to(8);
  run('http', 'failed');
  assert.deepEqual([read().status, read().since], ['failing', at(6).toISOString()]);
});

test('before the first result the state is unknown, and stale once the limit has passed without one', () => {
  const { read, to } = world('dns');
  assert.deepEqual(read(), {
    status: 'unknown',
    since: at(0).toISOString(),
    freshest: undefined,
    suites: [{ suite: 'dns', state: 'unknown', since: at(0).toISOString(), steps: [] }],
  });
  to(21);
  assert.deepEqual([read().status, read().since], ['stale', at(20).toISOString()]);
});

test('passes since the first of the runs that passed in a row', () => {
  const { read, run, to } = world('dns');
  run('dns', 'failed');
  to(1);
  run('dns', 'passed');
  to(2);
  run('dns', 'passed');
  const { status, since, freshest } = read();
  assert.deepEqual([status, since, freshest], ['passing', at(1).toISOString(), at(2).toISOString()]);
});

test('names the steps that are red in the last run of a failing suite', () => {
  const { read, run } = world('dns');
  run('dns', 'failed');
  const [dns] = read().suites;
  assert.equal(dns?.state, 'failing');
  assert.deepEqual(dns?.steps, ['Create Deployment']);
  assert.deepEqual(dns?.lastRun, { id: 'dns-0', at: at(0).toISOString(), durationMs: 1_250, status: 'failed' });
});

test('the whole is the worst of the suites: failing, errored, stale, unknown, passing', () => {
  const order: SuiteState[] = ['failing', 'errored', 'stale', 'unknown', 'passing'];
  for (const [index, worst] of order.entries()) {
    const present = order.slice(index);
    const { read, run, store, to } = world(...present);
    const base = present.includes('unknown') && !present.includes('stale') ? 0 : 15;
    if (present.includes('stale')) store.recordReported(aFailedRun('stale'), undefined, 10 * 60_000);
    to(base);
    if (present.includes('failing')) run('failing', 'failed');
    if (present.includes('errored')) run('errored', 'errored');
    if (present.includes('passing')) run('passing', 'passed');
    assert.equal(read().status, worst);
  }
});

test('a result at the limit still counts, one older does not, whatever it was', () => {
  for (const status of ['passed', 'failed', 'errored'] as const) {
    const { read, run, to } = world('dns');
    run('dns', status);
    to(20);
    assert.notEqual(read().status, 'stale');
    to(20.01);
    assert.equal(read().status, 'stale');
  }
});

test('stale stays stale after days: 25 hours, 20 minutes more than a day, and a month', () => {
  for (const minutes of [25 * 60, day + 1, day + 20, 3 * day, 31 * day]) {
    const { read, run, to } = world('dns');
    run('dns', 'passed');
    to(minutes);
    assert.deepEqual([read().status, read().since], ['stale', at(20).toISOString()], `${minutes} minutes`);
  }
});

test('one suite that stopped reporting is stale while the others pass', () => {
  const { read, run, to } = world('dns', 'http');
  run('dns', 'passed');
  run('http', 'passed');
  to(30);
  run('http', 'passed');
  assert.deepEqual(
    read().suites.map(({ state }) => state),
    ['stale', 'passing'],
  );
  assert.equal(read().status, 'stale');
});

test('suites of other processes count, by suite or by namespace, and are marked remote', () => {
  const { read, run, store } = world('dns');
  run('dns', 'passed');
  const step = { details: [], at: at(0).toISOString(), name: 'Create', namespace: 'old' };
  store.recordRemote({ ...step, passing: true });
  store.recordRemote({ ...step, passing: false, suite: 'service', run: 'r1', durationMs: 5 });
  const { suites, status } = read();
  assert.deepEqual(
    suites.map(({ suite, state, remote }) => [suite, state, remote]),
    [
      ['dns', 'passing', undefined],
      ['old', 'passing', true],
      ['service', 'failing', true],
    ],
  );
  assert.equal(status, 'failing');
});

test('a suite that only another process runs is that process’s: a page that only shows is not stale', () => {
  const { read, run, store, to } = world('dns', 'service');
  const step = { details: [], at: at(0).toISOString(), name: 'Create', namespace: 'ns', passing: true };
  to(21);
  store.recordRemote({ ...step, suite: 'dns' });
  store.recordRemote({ ...step, suite: 'service' });
  const seen = () => read().suites.map(({ suite, state, remote }) => [suite, state, remote]);
  assert.deepEqual(seen(), [
    ['dns', 'passing', true],
    ['service', 'passing', true],
  ]);
  run('dns', 'passed');
  assert.deepEqual(seen()[0], ['dns', 'passing', undefined], 'its own run counts as well');
});

test('a remote step that is not reported any more counts neither for nor against its suite', () => {
  const { read, run, store, to } = world('dns');
  const step = { details: [], namespace: 'old' };
  store.recordRemote({ ...step, name: 'Given up', passing: false, at: at(0).toISOString() });
  to(21);
  run('dns', 'passed');
  store.recordRemote({ ...step, name: 'Create', passing: true, at: at(21).toISOString() });
  assert.equal(read().status, 'passing');
  to(42);
  run('dns', 'passed');
  assert.deepEqual([read().suites[1]?.state, read().suites[1]?.since], ['stale', at(41).toISOString()]);
});

test('the cached reader always agrees with the fold, and folds only when something changed', () => {
  const { cached, read, run, to } = world('dns', 'http');
  run('dns', 'passed');
  to(10);
  run('http', 'passed');
  for (const minute of [10, 19.99, 20, 20.01, 25, 30, 30.01, 31, 60, 5 * day]) {
    to(minute);
    assert.deepEqual(cached(), read(), `after ${minute} minutes`);
    assert.equal(cached(), cached());
  }
  run('dns', 'failed');
  assert.deepEqual(cached(), read());
  to(9);
  assert.deepEqual(cached(), read());
});

test('a suite whose runs are reported changes with its verdicts, not with the steps of the next run', () => {
  const { read, store, to } = world();
  const report = (id: string, status: RunResult['status'], minute: number) => {
    to(minute);
    const make = status === 'passed' ? aRun : aFailedRun;
    store.recordReported(make('dns', { id, status, finishedAt: at(minute).toISOString() }));
  };
  report('r1', 'failed', 0);
  report('r2', 'failed', 5);
  const red = read();
  assert.deepEqual(
    red.suites.map(({ suite, state, since, remote, steps }) => [suite, state, since, remote, steps]),
    [['dns', 'failing', at(0).toISOString(), true, ['Create Deployment']]],
  );
  to(10);
  const next = { details: [], name: 'Create Deployment', namespace: 'kubee2etests-dns', passing: true, suite: 'dns' };
  store.recordRemote({ ...next, at: at(10).toISOString(), run: 'r3' });
  assert.equal(read().status, 'failing', 'a step that passed is no verdict');
  report('r3', 'passed', 10);
  assert.deepEqual([read().status, read().since], ['passing', at(10).toISOString()]);
  to(30.01);
  assert.deepEqual([read().status, read().since], ['stale', at(30).toISOString()]);
});

test('steps whose run is never reported count: a red one at once, green ones when the verdict is too old', () => {
  const { read, store, to } = world();
  const step = (run: string, minute: number, passing: boolean) => {
    to(minute);
    const of = { details: [], name: 'Create Deployment', namespace: 'kubee2etests-dns', suite: 'dns' };
    store.recordRemote({ ...of, at: at(minute).toISOString(), run, passing });
  };
  store.recordReported(aRun('dns', { id: 'r1', finishedAt: at(0).toISOString() }));
  step('r2', 10, false);
  assert.deepEqual([read().status, read().suites[0]?.steps], ['failing', ['Create Deployment']]);
  step('r3', 20, true);
  assert.equal(read().status, 'passing');
  step('r4', 30, true);
  assert.equal(read().status, 'passing', 'the verdict is too old, the steps are not');
  to(51);
  assert.equal(read().status, 'stale');
});

test('a suite that runs here and elsewhere is shown by the worse of the two', () => {
  const { read, run, store } = world('dns');
  run('dns', 'passed');
  store.recordReported(aFailedRun('dns', { id: 'r1' }));
  assert.equal(healthOfSuite(read(), 'dns')?.remote, true);
  run('dns', 'errored');
  store.recordReported(aRun('dns', { id: 'r2' }));
  assert.equal(healthOfSuite(read(), 'dns')?.state, 'errored');
  assert.equal(healthOfSuite(read(), 'http'), undefined);
});

test('a reported run is as old as we know it, whatever the clock of its process says', () => {
  for (const clock of [at(-300), at(300)]) {
    const { read, store, to } = world();
    to(5);
    store.recordReported(aRun('dns', { id: 'r1', finishedAt: clock.toISOString() }));
    to(24.9);
    assert.equal(read().status, 'passing');
    to(25.1);
    assert.equal(read().status, 'stale');
  }
});

test('a run made here by hand does not make a suite stale that another process goes on reporting', () => {
  const { read, run, store, to } = world('dns');
  const report = (minute: number) => {
    to(minute);
    store.recordReported(aRun('dns', { id: `r${minute}`, finishedAt: at(minute).toISOString() }));
  };
  report(0);
  run('dns', 'failed');
  assert.equal(read().status, 'failing', 'while it is new it counts');
  report(21);
  const unscheduled = () => healthOf(store.snapshot(), [{ name: 'dns' }], at(21), limitMs, false);
  assert.equal(read().status, 'stale', 'where it should have run again, that it did not counts');
  assert.deepEqual(
    unscheduled().suites.map(({ state, remote }) => [state, remote]),
    [['passing', true]],
  );
  const later = healthOf(store.snapshot(), [{ name: 'dns' }], at(42), limitMs, false);
  assert.equal(later.status, 'stale', 'when nobody runs it any more it is stale');
});

test('a page that only shows has a suite once, though it was run there by hand: the newest verdict counts', () => {
  const store = createStore({ now: () => at(0) });
  const suites = [{ name: 'dns' }];
  const states = () =>
    healthOf(store.snapshot(), suites, at(3), limitMs, false).suites.map(({ suite, state }) => `${suite} ${state}`);
  store.recordReported(aFailedRun('dns', { finishedAt: at(1).toISOString() }));
  assert.deepEqual(states(), ['dns failing']);
  play(store, aRun('dns', { id: 'by-hand', finishedAt: at(2).toISOString() }));
  assert.deepEqual(states(), ['dns passing']);
});
