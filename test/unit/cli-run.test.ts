import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from '../../runtime/cli/progress.ts';
import { runOnce } from '../../runtime/cli/run-once.ts';
import { Held } from '../../runtime/defects.ts';
import type { StartOutcome } from '../../runtime/model/outcome.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';

const suite: Suite = { name: 'dns', description: 'd', steps: ['One'], uses: [], run: async () => {} };
const passed = { suite: 'dns', status: 'passed' } as RunResult;

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 40, hasColors: () => isTTY, write: (text: string) => written.push(text) > 0 };
}

function heldFor(times: number) {
  let starts = 0;
  return {
    start(): StartOutcome {
      starts += 1;
      const outcome = starts > times ? Promise.resolve(passed) : Promise.reject(new Held('pod-7', 1, 'ns'));
      return { kind: 'run', id: 'r', joined: false, judged: outcome, finished: outcome };
    },
  };
}

test('a namespace held by another process is waited for, and the holder is named', async () => {
  const out = screen(false);
  const stop = new AbortController().signal;
  const outcome = await runOnce({ suites: [suite], runner: heldFor(2), progress: createProgress(out), stop });
  assert.deepEqual(outcome, { results: [passed], exitCode: 0 });
  assert.equal(out.written.length, 2);
  assert.match(out.written[0] ?? '', /dns: waiting, for 60 s at most\. Another process runs in namespace ns: pod-7/);
});

test('a namespace that stays held is given up with exit code 2', async () => {
  const out = screen(false);
  const options = { suites: [suite], runner: heldFor(1e9), progress: createProgress(out), longestWaitMs: 5 };
  const outcome = await runOnce({ ...options, stop: new AbortController().signal });
  assert.deepEqual(outcome, { results: [], exitCode: 2 });
  assert.match(out.written.at(-1) ?? '', /given up/);
});

test('a terminal shows the step under way in one line that fits, and clears it for the result', (t) => {
  const out = screen(true);
  const progress = createProgress(out);
  t.after(() => progress.close());
  const at = '2030-01-01T00:00:00.000Z';
  progress.record({ type: 'step-started', run: 'r', suite: 'dns', step: 'One', kind: 'step', at });
  progress.record({
    type: 'waiting',
    run: 'r',
    suite: 'dns',
    step: 'One',
    message: `evil\u001b[31m ${'long '.repeat(30)}`,
    at,
  });
  const line = (out.written.at(-1) ?? '').replace('\r\u001b[2K', '');
  assert.match(line, /One/);
  assert.ok(line.length < 40, line);
  assert.ok(!line.includes('\u001b'));
  const step = {
    name: 'One',
    kind: 'step',
    status: 'passed',
    startedAt: at,
    durationMs: 5,
    findings: [],
    measurements: [],
    notes: [],
  } as const;
  progress.record({ type: 'step-finished', run: 'r', suite: 'dns', namespace: '', step });
  assert.equal(out.written.at(-2), '\r\u001b[2K');
  assert.match(out.written.at(-1) ?? '', /✓.*One/);
});

test('what is no terminal gets no moving line', () => {
  const out = screen(false);
  createProgress(out).record({ type: 'step-started', run: 'r', suite: 'dns', step: 'One', kind: 'step', at: '' });
  assert.deepEqual(out.written, []);
});
