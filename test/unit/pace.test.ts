import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from '../../runtime/cli/progress.ts';
import { ConfigError, readConfig } from '../../runtime/config/config.ts';
import { healthOf, healthOfSuite, isWell } from '../../runtime/memory/cluster-health.ts';
import { pack } from '../../runtime/memory/packing.ts';
import { createStore, type StoreOptions } from '../../runtime/memory/store.ts';
import { createPrometheus } from '../../runtime/sinks/prometheus.ts';
import { aFailedRun, aRun, at, play } from '../results.ts';

const limitMs = 20 * 60_000;

/** Runs of `dns`, a minute apart, that took so many seconds; below 0 one that failed. */
function after(seconds: readonly number[], options: StoreOptions = {}) {
  let minute = 0;
  const store = createStore({ now: () => at(minute), ...options });
  for (const took of seconds) {
    minute += 1;
    const changes = { id: `r${minute}`, durationMs: Math.abs(took) * 1000, finishedAt: at(minute).toISOString() };
    play(store, took < 0 ? aFailedRun('dns', changes) : aRun('dns', changes));
  }
  const health = (now = minute) => healthOf(store.snapshot(), [{ name: 'dns' }], at(now), limitMs);
  return { store, health, dns: (now?: number) => health(now).suites[0]! };
}

const times = (count: number, seconds: number) => Array.from({ length: count }, () => seconds);

test('a run that took three times the median is slow, passes, and keeps the cluster well', () => {
  const { health, dns, store } = after([...times(10, 2.4), 9.1]);
  assert.deepEqual([dns().state, dns().slow], ['slow', { usualMs: 2_400, afterMs: 7_200 }]);
  assert.equal(dns().since, at(11).toISOString());
  assert.equal(dns().lastRun?.status, 'passed');
  assert.deepEqual([health().status, isWell(health())], ['slow', true]);
  assert.equal(store.level('dns').windows['24h'].availability, 1);
  assert.deepEqual(store.episodes, []);
});

test('three times the median is not slow, and nothing is within two seconds', () => {
  assert.equal(after([...times(10, 2.4), 7.2]).dns().state, 'passing');
  assert.equal(after([...times(10, 0.1), 2]).dns().state, 'passing');
  assert.deepEqual(after([...times(10, 0.1), 2.1]).dns().slow, { usualMs: 100, afterMs: 2_000 });
});

test('with fewer than ten passed runs before nobody knows what is slow, unless SLOW_<SUITE> says so', () => {
  const nine = [...times(9, 1), ...times(5, -1), 60];
  assert.equal(after(nine).dns().state, 'passing');
  const told = after(nine, { slowAfterMs: (suite) => (suite === 'dns' ? 30_000 : undefined) });
  assert.deepEqual([told.dns().state, told.dns().slow], ['slow', { afterMs: 30_000 }]);
  assert.deepEqual(after([60], { slowAfterMs: () => 30_000 }).dns().slow, { afterMs: 30_000 });
});

test('SLOW_<SUITE> also lets a suite take longer than the median would, and less than two seconds', () => {
  assert.equal(after([...times(10, 1), 20], { slowAfterMs: () => 30_000 }).dns().state, 'passing');
  assert.equal(after([...times(10, 1), 1.5], { slowAfterMs: () => 1_200 }).dns().state, 'slow');
});

test('slow since the first of the slow runs in a row; failed ones are neither usual nor slow', () => {
  const slow = after([...times(10, 1), 9, 1, 9, 9]);
  assert.equal(slow.dns().since, at(13).toISOString());
  assert.equal(slow.health().since, at(13).toISOString());
  assert.equal(after([...times(10, 1), 9, -60]).dns().state, 'failing');
  assert.equal(after([...times(10, 1), ...times(30, -60), 9]).dns().slow?.usualMs, 1_000);
  assert.equal(after([...times(10, 1), 9, 1]).dns().state, 'passing');
});

test('what has become usual is not slow any more', () => {
  const states = [30, 49, 60].map((slow) => after([...times(50, 1), ...times(slow, 9)]).dns().state);
  assert.deepEqual(states, ['slow', 'slow', 'passing']);
});

test('a slow run grows stale as any other, and a worse suite gives the cluster its name', () => {
  const { store, dns } = after([...times(10, 1), 9]);
  assert.deepEqual([dns(40).state, dns(40).slow], ['stale', undefined]);
  play(store, aFailedRun('http', { finishedAt: at(11).toISOString() }));
  const health = healthOf(store.snapshot(), [{ name: 'dns' }, { name: 'http' }], at(11), limitMs);
  assert.deepEqual([health.status, isWell(health)], ['failing', false]);
  const started = healthOf(store.snapshot(), [{ name: 'dns' }, { name: 'job' }], at(11), limitMs);
  assert.deepEqual([started.status, isWell(started)], ['unknown', true]);
});

test('a suite of another process is slow by what it reported', () => {
  const { store } = after([]);
  for (const [index, took] of [...times(10, 1), 9].entries())
    store.recordReported(aRun('backup', { id: `b${index}`, durationMs: took * 1000 }));
  const health = healthOf(store.snapshot(), [], at(0), limitMs);
  assert.deepEqual(healthOfSuite(health, 'backup')?.slow, { usualMs: 1_000, afterMs: 3_000 });
});

test('is the same after a restart where a file keeps the runs', () => {
  const { store } = after([...times(10, 1), 9, 9]);
  const runs = store.runs('dns').toReversed();
  const kept = runs.map((summary) => ({
    ...{ origin: 'local' as const, summary, packed: pack(store.run(summary.id)!), hasEvidence: false },
    endedAt: Date.parse(summary.finishedAt),
  }));
  const remembered = { lineage: 'x', runs: kept, buckets: [], episodes: [], headlines: [] };
  const again = createStore({ now: () => at(13), remembered });
  const [dns] = healthOf(again.snapshot(), [{ name: 'dns' }], at(13), limitMs).suites;
  assert.deepEqual([dns?.state, dns?.since], ['slow', at(11).toISOString()]);
});

test('Prometheus has 1 for a suite while it is slow, whoever ran it', async () => {
  let slow = ['dns', 'backup'];
  const prometheus = createPrometheus(() => undefined, {
    ...{ version: '1', cluster: () => 'test', suites: ['dns', 'http'], reported: () => ['backup'] },
    isSlow: (suite) => slow.includes(suite),
  });
  const figures = async () => (await prometheus.text()).match(/^e2etest_suite_slow\{.*$/gm);
  const figure = (suite: string, value: number) => `e2etest_suite_slow{suite="${suite}"} ${value}`;
  assert.deepEqual(await figures(), [figure('dns', 1), figure('http', 0), figure('backup', 1)]);
  slow = [];
  assert.deepEqual(await figures(), [figure('dns', 0), figure('http', 0), figure('backup', 0)]);
});

test('SLOW_<SUITE> is read in seconds, and what is wrong with it is said', () => {
  const read = (env: Record<string, string>) => readConfig(env, undefined, () => ['dns', 'http_update']);
  assert.deepEqual(read({ SLOW_HTTP_UPDATE: '1.5', SLOW_DNS: ' 30 ' }).slowAfterMs, {
    http_update: 1_500,
    dns: 30_000,
  });
  const said = (env: Record<string, string>) => {
    try {
      return String(read(env).slowAfterMs);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  assert.match(said({ SLOW_DNS: '30s' }), /SLOW_DNS is "30s": expected a number of seconds from 0\.001 to 86400/);
  assert.match(said({ SLOW_DSN: '3' }), /SLOW_DSN is "dsn": expected a suite that exists, perhaps dns/);
  assert.match(said({ SLOW_: '3' }), /SLOW_: expected the suite in upper case .* as in SLOW_HTTP_UPDATE/);
  assert.match(read({ SLOWW_DNS: '3' }).warnings.join(), /SLOWW_DNS is no setting: perhaps SLOW_DNS was meant/);
});

test('one run on the command line is slow by SLOW_<SUITE> alone', () => {
  const said = (limits: Record<string, number>, seconds: number) => {
    const lines: string[] = [];
    const progress = createProgress({ write: (text) => lines.push(String(text)) > 0 }, limits);
    progress.record({ type: 'run-judged', result: aRun('dns', { durationMs: seconds * 1000 }) });
    return lines.join('').match(/^ {2}Slow.*$/m)?.[0];
  };
  assert.equal(said({ dns: 5_000 }, 9.1), '  Slow: took 9.1 s; slow beyond 5.0 s (SLOW_DNS)');
  assert.equal(said({ dns: 5_000 }, 5), undefined);
  assert.equal(said({ http: 5_000 }, 9.1), undefined);
  assert.equal(said({}, 600), undefined);
});
