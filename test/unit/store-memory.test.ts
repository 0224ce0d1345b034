import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createHistory } from '../../runtime/memory/history.ts';
import { pack, unpack } from '../../runtime/memory/packing.ts';
import { createRows } from '../../runtime/memory/rows.ts';
import { createStore } from '../../runtime/memory/store.ts';
import { aFinding, aRun, aStep, at, evidenceOf } from '../results.ts';

const bytesPerRun = 1_500;

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

function noisyRun(suite: number, number: number) {
  const status = number % 10 === 0 ? 'failed' : 'passed';
  const steps = Array.from({ length: 20 }, (_, index) => {
    const durationMs = Math.random() * 5_000;
    const measurements = [{ kind: 'action', resource: 'pod', action: 'run', durationMs } as const];
    const startedAt = new Date(at(number).getTime() + index * 1_234).toISOString();
    const notes = [`3 pods on node${index}, node2, node3`];
    return aStep(`Check step ${index}`, 'passed', { startedAt, durationMs, measurements, notes });
  });
  const findings = [aFinding({ evidence: evidenceOf('no node fits '.repeat(500)) })];
  if (status === 'failed') steps[19] = aStep('Check step 19', 'failed', { findings });
  return aRun(`suite_${suite}`, { id: `r${suite}x${number}`, status, steps, finishedAt: at(number).toISOString() });
}

function filled(suites: number, runs: number) {
  const store = createStore({ events: 10 });
  for (let suite = 0; suite < suites; suite += 1) {
    for (let number = 0; number < runs; number += 1) {
      store.record({ type: 'run-finished', result: noisyRun(suite, number) });
    }
  }
  return store;
}

test(`100 runs of 20 steps take at most ${bytesPerRun} bytes each, so that 1,000 such suites stay below 150 MB`, () => {
  // Also runs that are forgotten: code that is compiled on the way belongs to no run.
  filled(3, 150);
  const before = heapUsed();
  const store = filled(20, 150);
  const perRun = (heapUsed() - before) / (20 * 100);
  assert.equal(store.runs('suite_7').length, 100);
  assert.ok(perRun <= bytesPerRun, `${Math.round(perRun)} bytes a run`);
});

/** As large as PUT /results lets it be, of texts that do not pack. */
function largestRun(suite: number, number: number) {
  const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);
  const steps = Array.from({ length: 60 }, () =>
    aStep(noise(300), 'failed', {
      findings: Array.from({ length: 3 }, () => aFinding({ message: noise(1_000) })),
      notes: [noise(500)],
    }),
  );
  const diagnosis = {
    component: 'unknown',
    confidence: 'possible',
    sentence: noise(2_000),
    evidence: Array.from({ length: 20 }, () => noise(1_000)),
    rule: 'none',
  } as const;
  const id = `r${suite}x${number}`;
  return aRun(`suite_${suite}`, { id, status: 'failed', steps, diagnosis, namespace: noise(300) });
}

test('a run of the past takes 8 KB at most, whatever its shape', () => {
  for (const run of [largestRun(0, 0), { ...largestRun(0, 0), steps: Array(500).fill(largestRun(0, 1).steps[0]) }]) {
    const packed = pack(run);
    assert.ok(packed.length <= 8_192, `${packed.length} bytes`);
    const kept = unpack(packed);
    assert.equal(kept.status, 'failed');
    assert.equal(kept.steps[0]?.status, 'failed');
    assert.ok(kept.steps[0]?.findings[0]?.code);
  }
});

test('all runs together have a bound: the suite that holds most gives up its oldest', () => {
  const history = createHistory(100, 3, 15_000);
  for (let number = 0; number < 20; number += 1) {
    history.add(largestRun(1, number));
    history.add(aRun('suite_2', { id: `small-${number}` }));
  }
  assert.ok(history.summaries('suite_1').length <= 8, `${history.summaries('suite_1').length} runs`);
  assert.equal(history.summaries('suite_1')[0]?.id, 'r1x19');
  assert.equal(history.summaries('suite_2').length, 20);
});

test('the details of all rows together have a bound: those that were recorded longest ago keep 100 characters', () => {
  const rows = createRows(5_000);
  const put = (index: number) =>
    rows.put({
      ...{ origin: 'remote', suite: 's', namespace: 'n', passing: false, status: 'failed', recordedAt: '' },
      ...{ name: `step ${index}`, at: at(index).toISOString(), details: [['x'.repeat(4_000), 1]] },
    });
  for (let index = 0; index < 2_000; index += 1) put(index);
  // The same steps again take the place of what was known of them.
  for (let index = 1_500; index < 2_000; index += 1) put(index);
  const sizes = rows.list().map(({ details }) => details.reduce((sum, [message]) => sum + message.length, 0));
  assert.equal(sizes.length, 2_000);
  assert.deepEqual([sizes[0], sizes[999]], [4_000, 4_000]);
  assert.ok(sizes.at(-1)! <= 150, `${sizes.at(-1)} characters`);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(all < 4_200_000, `${all} characters`);
});
