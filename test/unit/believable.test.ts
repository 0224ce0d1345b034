import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Defect } from '../../runtime/defects.ts';
import type { StepResult } from '../../runtime/model/result.ts';
import { believable } from '../../runtime/run/believable.ts';
import { Standstill } from '../../runtime/run/standstill.ts';
import { standStill } from '../leases.ts';

function aStep(code?: 'http.timeout'): StepResult {
  const findings = code ? [new Defect(code, 'no answer').finding] : [];
  const status = code ? 'failed' : 'passed';
  return { name: 'One', kind: 'step', status, startedAt: '', durationMs: 1, findings, measurements: [], notes: [] };
}

const session = (confirm: () => Promise<boolean>) => ({ confirm });
const ours = session(async () => true);
const unknown = session(async () => false);

function aStandstill(t: TestContext, ms: number): Standstill {
  const standstill = new Standstill();
  t.after(() => standstill.end());
  standStill(t, ms);
  return standstill;
}

test("what failed while this process stood still is not told as the cluster's", async (t) => {
  const began = performance.now();
  const step = await believable(aStep('http.timeout'), ours, aStandstill(t, 6_000), began);
  assert.equal(step.status, 'errored');
  assert.equal(step.findings[0]?.code, 'run.aborted');
  assert.match(step.findings[0]?.message ?? '', /stood still for 6\.\d s/);
});

test('a standstill from before the step does not count', async (t) => {
  const standstill = aStandstill(t, 6_000);
  standstill.longestSince(performance.now());
  const step = await believable(aStep('http.timeout'), ours, standstill, performance.now());
  assert.equal(step.status, 'failed');
});

test('nor does a short one', async (t) => {
  const began = performance.now();
  assert.equal((await believable(aStep('http.timeout'), ours, aStandstill(t, 2_000), began)).status, 'failed');
});

test('what passed in spite of it has passed', async (t) => {
  const began = performance.now();
  assert.equal((await believable(aStep(), ours, aStandstill(t, 6_000), began)).status, 'passed');
});

test('an API server that does not say whose the namespace is takes no verdict from a process that was there', async () => {
  const standstill = new Standstill();
  const step = await believable(aStep('http.timeout'), unknown, standstill, performance.now());
  standstill.end();
  assert.equal(step.status, 'failed');
});

test('it does from one that was not', async (t) => {
  const began = performance.now();
  assert.equal((await believable(aStep(), unknown, aStandstill(t, 60_000), began)).status, 'errored');
});
