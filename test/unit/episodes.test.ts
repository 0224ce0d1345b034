import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEpisodes } from '../../runtime/memory/episodes.ts';
import type { Diagnosis } from '../../runtime/model/diagnosis.ts';
import { aFailedRun, aFinding, aRun, aStep, at } from '../results.ts';

const scheduler: Diagnosis = {
  component: 'scheduler',
  confidence: 'likely',
  sentence: 'No scheduler has looked at 3 pods.',
  evidence: [],
  command: 'kubectl get pods -n kube-system',
  rule: 'scheduler/silent',
};
const red = (suite: string, id: string) => aFailedRun(suite, { id, diagnosis: scheduler });
const errored = (suite: string, id: string) => aRun(suite, { id, status: 'errored' });

test('an episode goes from the first red run until no suite is red, with suites, components and codes', () => {
  const episodes = createEpisodes();
  episodes.judge(aRun('dns'), at(0));
  assert.equal(episodes.list.length, 0);
  episodes.judge(red('http', 'h1'), at(1));
  episodes.judge(red('http', 'h1'), at(1));
  episodes.judge(errored('job', 'j1'), at(2));
  episodes.judge(red('http', 'h2'), at(3));
  assert.equal(episodes.list[0]?.end, undefined);
  episodes.judge(aRun('http'), at(4));
  assert.equal(episodes.list[0]?.end, undefined, 'job is red still');
  episodes.judge(aRun('job'), at(5));
  const { sentence, command } = scheduler;
  assert.deepEqual(episodes.list, [
    {
      number: 1,
      start: at(1).toISOString(),
      end: at(5).toISOString(),
      status: 'failed',
      suites: [
        { suite: 'http', status: 'failed', firstRun: 'h1', lastRun: 'h2', runs: 2 },
        { suite: 'job', status: 'errored', firstRun: 'j1', lastRun: 'j1', runs: 1 },
      ],
      named: [{ component: 'scheduler', sentence, command }],
      codes: ['timeout.waiting_on_phase'],
    },
  ]);
});

test('the next trouble is another episode; errored alone is no fault of the cluster; unsupported is not red', () => {
  const episodes = createEpisodes();
  episodes.judge(errored('job', 'j1'), at(0));
  episodes.judge(aRun('job', { status: 'unsupported' }), at(1));
  episodes.judge(red('dns', 'd1'), at(2));
  assert.deepEqual(
    episodes.list.map(({ number, status, end }) => [number, status, end === undefined]),
    [
      [2, 'failed', true],
      [1, 'errored', false],
    ],
  );
});

test('a red run of another process that reports no more does not keep an episode open for ever', () => {
  const episodes = createEpisodes();
  episodes.judge(red('edge', 'e1'), at(0), 60_000);
  episodes.judge(aRun('dns'), at(0.5));
  assert.equal(episodes.list[0]?.end, undefined);
  episodes.judge(aRun('dns'), at(2));
  assert.equal(episodes.list[0]?.end, at(2).toISOString());
});

test('what is kept is bounded', () => {
  const episodes = createEpisodes();
  for (let index = 0; index < 300; index += 1) {
    const steps = [aStep('One', 'failed', { findings: [aFinding({ message: 'x'.repeat(10_000) })] })];
    const diagnosis = { ...scheduler, sentence: 'y'.repeat(10_000), part: `part-${index}` };
    episodes.judge(aFailedRun(`suite_${index}`, { steps, diagnosis }), at(index));
  }
  assert.ok(JSON.stringify(episodes.list).length < 60_000);
  for (let index = 0; index < 300; index += 1) {
    episodes.judge(aRun(`suite_${index}`), at(400 + index));
  }
  for (let index = 0; index < 300; index += 1) {
    episodes.judge(red('dns', `d${index}`), at(800 + index));
    episodes.judge(aRun('dns'), at(800.5 + index));
  }
  assert.equal(episodes.list.length, 100);
  assert.equal(episodes.list[0]?.number, 301);
});
