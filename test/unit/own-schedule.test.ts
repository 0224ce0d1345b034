import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnScheduleWatch } from '../../runtime/late/own-schedule.ts';
import type { RunResult } from '../../runtime/model/result.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

interface World {
  /** Seconds after the start; undefined: not known. */
  next?: (second: number) => number | undefined;
  active?: (second: number) => { since?: string } | undefined;
  /** Between two looks. */
  periodS?: number;
}

/** What is recorded until then by looks at a suite whose runs take 60 s at most. */
function recordedUntil(second: number, { next, active, periodS = 15 }: World): readonly RunResult[] {
  const recorded: RunResult[] = [];
  let now = 0;
  const look = createOwnScheduleWatch({
    suites: ['http'],
    dueAt: () => {
      const due = next?.(now);
      return due === undefined ? undefined : start + due * 1000;
    },
    active: () => {
      const run = active?.(now);
      return run ? [{ suite: 'http', ...run }] : [];
    },
    namespaceOf: (suite) => `e2e-${suite}`,
    longestRunMs: () => 60_000,
    record: (result) => void recorded.push(result),
    now: () => new Date(start + now * 1000),
  });
  for (; now <= second; now += periodS) look();
  return recorded;
}

test('a schedule that goes on is never late', () => {
  const everyMinute = { next: (second: number) => Math.ceil((second + 1) / 60) * 60 };
  assert.deepEqual(recordedUntil(3_600, everyMinute), []);
  const longRuns = { active: (second: number) => ({ since: at(Math.floor(second / 100) * 100) }) };
  assert.deepEqual(recordedUntil(3_600, longRuns), []);
});

test('a suite that was due a minute ago and has not begun is said to be late, once', () => {
  const recorded = recordedUntil(600, { next: () => 30 });
  assert.equal(recorded.length, 1);
  const [late] = recorded;
  assert.deepEqual(
    [late?.suite, late?.namespace, late?.status, late?.startedAt],
    ['http', 'e2e-http', 'errored', at(30)],
  );
  assert.ok(Date.parse(late?.finishedAt ?? '') <= start + 120_000, late?.finishedAt);
  assert.equal(late?.steps[0]?.findings[0]?.code, 'start.late');
  assert.equal(late?.diagnosis?.rule, 'setup/own-schedule');
});

test('a suite that neither runs nor has a next start is late after a minute', () => {
  const [late, ...more] = recordedUntil(600, {});
  assert.match(late?.steps[0]?.findings[0]?.message ?? '', /no next start/);
  assert.deepEqual(more, []);
});

test('a run that outlasts every limit is named; one that waits for its namespace is not', () => {
  const [late] = recordedUntil(600, { active: () => ({ since: at(0) }) });
  assert.match(late?.steps[0]?.findings[0]?.message ?? '', /has not ended, and should have after 120 s/);
  assert.deepEqual(recordedUntil(3_600, { active: () => ({}) }), []);
});

test('after a time in which this process itself stood still the schedule is caught up with first', () => {
  assert.deepEqual(recordedUntil(3_600, { next: (second) => second - 61, periodS: 900 }), []);
});
