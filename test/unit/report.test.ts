import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { RunResult } from '../../runtime/model/result.ts';
import { createLogSink } from '../../runtime/sinks/log.ts';
import { duration, renderDetails, renderReport } from '../../runtime/words/run-text.ts';
import { aFailedRun, aFinding, aRun, aStep, evidenceOf, play } from '../results.ts';

const red: RunResult = aFailedRun('deployment', {
  id: 'r1',
  steps: [
    aStep('Create Deployment', 'passed', { notes: ['3 pods on node1, node2, node3'] }),
    aStep('Wait on pods ready', 'failed', {
      findings: [aFinding({ count: 2, object: { kind: 'pod', name: 'web-1', namespace: 'ns' } })],
    }),
    aStep('Delete Deployment', 'skipped'),
    aStep('Clean up deployment/web', 'errored', { findings: [aFinding({ code: 'api.forbidden' })] }),
  ],
  recovered: [{ kind: 'deployment', name: 'old', namespace: 'ns' }],
  diagnosis: {
    component: 'kubelet',
    part: 'node2',
    confidence: 'likely',
    sentence: 'No container has a status.',
    evidence: [],
    command: 'kubectl describe node node2',
    rule: 'kubelet',
  },
});

test('the report says all of a run: each step, findings under it, what was recovered, verdict, diagnosis', () => {
  assert.equal(
    renderReport(red, { colour: false }),
    `deployment in namespace kubee2etests-deployment, run r1
  ✓ Create Deployment 25 ms
      3 pods on node1, node2, node3
  ✗ Wait on pods ready 25 ms
      timeout.waiting_on_phase Expected 3 pods Ready, saw 2 after 60 s on pod/web-1 in ns (2 times)
  - Delete Deployment (skipped)
  ! Clean up deployment/web (errored) 25 ms
      api.forbidden Expected 3 pods Ready, saw 2 after 60 s
  Removed what a dead run had left: deployment/old in ns
✗ failed after 1.3 s, 9 requests to the API server (2 watches, 0 retries)
  Broken: kubelet (node2), likely. No container has a status.
  Look first: kubectl describe node node2
`,
  );
});

test('colours add nothing but colours', () => {
  const coloured = renderReport(red, { colour: true });
  assert.ok(coloured.includes('\u001b[31m✗'));
  assert.equal(stripVTControlCharacters(coloured), renderReport(red, { colour: false }));
});

test('a text of the cluster cannot steer the terminal', () => {
  const message = 'a\u001b[2Jb\nc\u202ed';
  const run = aRun('dns', { steps: [aStep('Resolve', 'failed', { findings: [aFinding({ message })] })] });
  assert.match(renderReport(run, { colour: false }), /timeout\.waiting_on_phase a�\[2Jb c�d\n/);
});

test('durations read as a person would say them', () => {
  assert.deepEqual([0, 999, 999.6, 1_000, 59_949, 60_000, 125_400].map(duration), [
    '0 ms',
    '999 ms',
    '1.0 s',
    '1.0 s',
    '59.9 s',
    '1 min 0 s',
    '2 min 5 s',
  ]);
});

test('the log has a line for each run and each step that is not green', () => {
  const lines: string[] = [];
  const write = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const sink = createLogSink({ info: write('info'), warn: write('warn') });
  play(sink, red, aRun('dns'));
  assert.deepEqual(lines, [
    'warn deployment: Wait on pods ready failed: Expected 3 pods Ready, saw 2 after 60 s',
    'warn deployment: Clean up deployment/web errored: Expected 3 pods Ready, saw 2 after 60 s',
    'warn deployment failed after 1.3 s',
    'info dns passed after 1.3 s',
  ]);
});

test('objects of a kind of the suite itself stand once under the findings of their step', () => {
  const evidence = {
    ...evidenceOf('nothing'),
    objects: [
      { kind: 'job', name: 'pi', state: '0 of 3 completions', conditions: [] },
      { kind: 'lock', name: 'l', conditions: [{ type: 'Free', status: 'False', reason: 'Held' }] },
    ],
  };
  const step = aStep('Wait on Job', 'failed', { findings: [aFinding({ evidence }), aFinding({ evidence })] });
  assert.deepEqual(renderDetails(step, { colour: false }).slice(2), [
    '        job/pi: 0 of 3 completions',
    '        lock/l: Free=False (Held)',
  ]);
});
