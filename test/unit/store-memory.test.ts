import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createStore } from '../../runtime/store.ts';
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
  filled(1, 100);
  const before = heapUsed();
  const store = filled(20, 150);
  const perRun = (heapUsed() - before) / (20 * 100);
  assert.equal(store.runs('suite_7').length, 100);
  assert.ok(perRun <= bytesPerRun, `${Math.round(perRun)} bytes a run`);
});
