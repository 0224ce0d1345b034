import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { Diagnosis } from '../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { later } from '../evidence.ts';
import { aFailedRun, aRun, aStep, at, play } from '../results.ts';

function aDiagnosis(component: Diagnosis['component'], part?: string, changes: Partial<Diagnosis> = {}): Diagnosis {
  const sentence = `The ${component} does nothing.`;
  return { component, ...(part && { part }), confidence: 'likely', sentence, evidence: [], rule: 'a/rule', ...changes };
}

function red(suite: string, diagnosis: Diagnosis | undefined, seconds = 0): RunResult {
  return aFailedRun(suite, { startedAt: later(seconds), ...(diagnosis && { diagnosis }) });
}

test('nothing red has no headline', () => {
  assert.equal(headlineOf([]), undefined);
  assert.equal(headlineOf([aRun('http'), aRun('dns')]), undefined);
});

test('names what explains most of what is red, since the first run of it, and says what stays unexplained', () => {
  const scheduler = aDiagnosis('scheduler');
  const headline = headlineOf([
    aRun('service'),
    red('http_update', scheduler, 30),
    red('deployment', aDiagnosis('scheduler', undefined, { confidence: 'certain', sentence: 'Three pods wait.' }), 10),
    red('dns', aDiagnosis('dns'), 0),
    red('http', undefined),
  ]);
  assert.equal(headline?.component, 'scheduler');
  assert.equal(headline?.since, later(10));
  assert.equal(headline?.sentence, 'Three pods wait.', 'the surest run speaks');
  assert.equal(headline?.confidence, 'certain');
  assert.deepEqual(headline?.suites, ['deployment', 'http_update']);
  assert.deepEqual(headline?.unexplained, ['dns', 'http']);
  assert.deepEqual(headline?.evidence, ['http_update: The scheduler does nothing.', 'deployment: Three pods wait.']);
});

test('of equally sure runs the one speaks whose objects still stand: its command finds them', () => {
  const gone = red('deployment', aDiagnosis('registry', undefined, { command: 'kubectl describe pod gone' }));
  const cleared = { ...gone, steps: [...gone.steps, aStep('Clean up deployment/web', 'passed', { kind: 'cleanup' })] };
  const kept = red('deployment_update', aDiagnosis('registry', undefined, { command: 'kubectl describe pod there' }));
  assert.equal(headlineOf([cleared, kept])?.command, 'kubectl describe pod there');
});

test('several controllers at once are the controller manager, without a part', () => {
  const one = red('service', aDiagnosis('controller-manager', 'endpoints'));
  const other = red('deployment', aDiagnosis('controller-manager', 'deployment'));
  assert.equal(headlineOf([one])?.part, 'endpoints');
  const both = headlineOf([one, other]);
  assert.equal(both?.component, 'controller-manager');
  assert.ok(both && !('part' in both));
});

test('a cut network explains the silent kubelet of the same node, and of no other', () => {
  const headline = headlineOf([
    red('deployment', aDiagnosis('kubelet', 'node2')),
    red('deployment_update', aDiagnosis('kubelet', 'node2')),
    red('http', aDiagnosis('node-network', 'node2')),
    red('http_update', aDiagnosis('kubelet', 'node3')),
  ]);
  assert.deepEqual([headline?.component, headline?.part], ['node-network', 'node2']);
  assert.deepEqual(headline?.suites, ['deployment', 'deployment_update', 'http']);
  assert.deepEqual(headline?.unexplained, ['http_update']);
});

test('a dead kube-proxy explains a name server that does not answer, and not one that answers wrongly', () => {
  const proxy = red('http', aDiagnosis('kube-proxy', 'where we run'));
  assert.deepEqual(headlineOf([proxy, red('dns', aDiagnosis('dns'))])?.suites, ['dns', 'http']);
  const nxdomain = red('dns', aDiagnosis('dns', undefined, { confidence: 'certain' }));
  assert.deepEqual(headlineOf([proxy, nxdomain])?.unexplained.length, 1);
});

test('unknown never wins against a known component, and stands alone where there is none', () => {
  const unknown = [red('a', aDiagnosis('unknown')), red('b', aDiagnosis('unknown'))];
  assert.equal(headlineOf([...unknown, red('c', aDiagnosis('dns'))])?.component, 'dns');
  assert.equal(headlineOf(unknown)?.component, 'unknown');
});

test('equal candidates: the order of the runs does not decide, and what stands stays', () => {
  const runs = [red('dns', aDiagnosis('dns')), red('http', aDiagnosis('registry'))];
  const first = headlineOf(runs);
  assert.equal(first?.component, 'dns');
  assert.deepEqual(headlineOf([...runs].reverse()), first);
  const stands = headlineOf([runs[1]!]);
  assert.equal(headlineOf(runs, stands)?.component, 'registry');
  assert.equal(headlineOf([...runs, red('deployment', aDiagnosis('dns'))], stands)?.component, 'dns');
});

test('the same trouble keeps its beginning while its suites run again', () => {
  const first = headlineOf([red('http', aDiagnosis('scheduler'), 0)]);
  const next = headlineOf([red('http', aDiagnosis('scheduler'), 60)], first);
  assert.equal(next?.since, later(0));
  assert.equal(headlineOf([red('http', aDiagnosis('kubelet', 'node1'), 60)], first)?.since, later(60));
});

test('a run that began while the old trouble was met starts no new headline; the next one does', () => {
  const stands = headlineOf([
    aFailedRun('deployment', { startedAt: later(0), finishedAt: later(60), diagnosis: aDiagnosis('scheduler') }),
  ]);
  const caught = { startedAt: later(30), finishedAt: later(70), diagnosis: aDiagnosis('unknown') };
  const during = headlineOf([aRun('deployment', { finishedAt: later(65) }), aFailedRun('http', caught)], stands);
  assert.equal(during?.component, 'scheduler');
  assert.deepEqual(during?.unexplained, ['http']);
  const after = aFailedRun('http', {
    startedAt: later(71),
    finishedAt: later(90),
    diagnosis: aDiagnosis('kubelet', 'node1'),
  });
  assert.equal(headlineOf([aRun('deployment'), after], during)?.component, 'kubelet');
});

test('what explains the old trouble takes over at once', () => {
  const kubelet = aFailedRun('deployment', {
    startedAt: later(0),
    finishedAt: later(60),
    diagnosis: aDiagnosis('kubelet', 'node2'),
  });
  const cut = aFailedRun('http', {
    startedAt: later(30),
    finishedAt: later(70),
    diagnosis: aDiagnosis('node-network', 'node2'),
  });
  assert.equal(headlineOf([kubelet, cut], headlineOf([kubelet]))?.component, 'node-network');
});

test('in the store: a span from the first red verdict to the first green one, the part may widen', () => {
  let minute = 0;
  const store = createStore({ now: () => at(minute), headlineOf });
  const show = (run: RunResult) => {
    minute += 1;
    play(store, run);
  };
  show(red('service', aDiagnosis('controller-manager', 'endpoints')));
  show(red('deployment', aDiagnosis('controller-manager', 'deployment')));
  assert.equal(store.headlines.length, 1);
  assert.deepEqual(store.headline?.suites, ['deployment', 'service']);
  show(aRun('service'));
  assert.deepEqual(store.headline?.suites, ['deployment']);
  show(aRun('deployment'));
  assert.equal(store.headline, undefined);
  assert.deepEqual(
    store.headlines.map(({ start, end }) => [start, end]),
    [[at(1).toISOString(), at(4).toISOString()]],
  );
});
