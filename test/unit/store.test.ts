import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStore, type LiveEvent, type RemoteStep } from '../../runtime/memory/store.ts';
import type { Headline } from '../../runtime/model/diagnosis.ts';
import type { Judgement, RunResult } from '../../runtime/model/result.ts';
import { aFailedRun, aFinding, aRun, aStep, at, eventsOf, evidenceOf, midnight, play } from '../results.ts';

const remoteStep: RemoteStep = {
  name: 'Create Service',
  namespace: 'elsewhere',
  passing: false,
  details: [['boom', 2]],
  at: midnight,
};

function run(suite: string, number: number, changes: Partial<RunResult> = {}): RunResult {
  return aRun(suite, { id: `${suite}-${number}`, finishedAt: at(number).toISOString(), ...changes });
}

test('keeps the last runs of each suite, newest first, and forgets the rest by id as well', () => {
  const store = createStore({ runsPerSuite: 3 });
  play(store, ...[1, 2, 3, 4, 5].map((number) => run('dns', number)), run('http', 1));
  assert.deepEqual(
    store.runs('dns').map(({ id }) => id),
    ['dns-5', 'dns-4', 'dns-3'],
  );
  assert.equal(store.run('dns-2'), undefined);
  assert.equal(store.latest('http')?.id, 'http-1');
  assert.deepEqual(store.runs('unheard'), []);
});

test('gives an old run back as it was, to a tenth of a millisecond', () => {
  const store = createStore();
  const steps = [aStep('Créer 名前', 'failed', { durationMs: 12.345, findings: [aFinding({ message: '<b>‮' })] })];
  const old = run('dns', 1, { status: 'failed', steps });
  play(store, old, run('dns', 2));
  assert.deepEqual(store.run('dns-1'), { ...old, steps: [{ ...steps[0], durationMs: 12.3 }] });
  assert.deepEqual(
    store.history('dns').map(({ id }) => id),
    ['dns-2', 'dns-1'],
  );
});

test('keeps evidence on the newest failed runs only, however many passed since', () => {
  const store = createStore({ evidenceRuns: 2 });
  const failed = (number: number) => {
    const findings = [aFinding({ evidence: evidenceOf(`evidence ${number}`) })];
    return run('dns', number, { status: 'failed', steps: [aStep('Resolve', 'failed', { findings })] });
  };
  play(store, failed(1), failed(2), run('dns', 3), run('dns', 4), failed(5), run('dns', 6));
  const hasEvidence = (id: string) => store.run(id)?.steps[0]?.findings[0]?.evidence !== undefined;
  assert.deepEqual(['dns-1', 'dns-2', 'dns-5'].map(hasEvidence), [false, true, true]);
});

test('a run too large to keep loses evidence and measurements, never its verdict', () => {
  const store = createStore();
  const noise = Array.from({ length: 20_000 }, (_, index) => (index * 2_654_435_761) % 1_000_003).join(' ');
  const findings = [aFinding({ evidence: evidenceOf(noise) })];
  play(store, run('dns', 1, { status: 'failed', steps: [aStep('Resolve', 'failed', { findings })] }), run('dns', 2));
  const kept = store.run('dns-1')!;
  assert.equal(kept.status, 'failed');
  assert.equal(kept.steps[0]?.findings[0]?.message, findings[0]?.message);
  assert.ok(!kept.steps[0]?.findings[0]?.evidence, 'evidence is gone');
});

test('a judged run is the latest at once, and the finished one takes its place', () => {
  const store = createStore();
  const judged = run('dns', 1);
  const finished = { ...aFailedRun('dns'), id: 'dns-1', steps: [...judged.steps, aStep('Clean up', 'failed')] };
  store.record({ type: 'run-judged', result: judged });
  assert.equal(store.latest('dns')?.status, 'passed');
  store.record({ type: 'run-finished', result: finished });
  assert.deepEqual(
    store.runs('dns').map(({ status, failing }) => [status, failing]),
    [['failed', ['Clean up']]],
  );
});

test('remembers since when runs have ended alike, beyond the runs it keeps', () => {
  const store = createStore({ runsPerSuite: 2 });
  play(store, run('dns', 1), ...[2, 3, 4, 5].map((number) => run('dns', number, { status: 'failed' })));
  assert.equal(store.runs('dns')[0]?.since, at(2).toISOString());
});

test('shows a run under way: its steps so far, the step it is in and what that waits for', () => {
  const store = createStore();
  const [started, stepStarted, stepFinished, second, , judged, finished] = eventsOf(run('dns', 1));
  for (const event of [started!, stepStarted!, stepFinished!, second!]) store.record(event);
  store.record({
    type: 'waiting',
    run: 'dns-1',
    suite: 'dns',
    step: 'Delete Deployment',
    message: '2 of 3',
    at: midnight,
  });
  const [underway] = store.underway();
  assert.equal(underway?.id, 'dns-1');
  assert.deepEqual(
    underway?.steps.map(({ name }) => name),
    ['Create Deployment'],
  );
  assert.equal(underway?.current?.name, 'Delete Deployment');
  assert.equal(underway?.current?.waiting, '2 of 3');
  store.record(judged!);
  assert.equal(store.underway()[0]?.verdict, 'passed');
  store.record(finished!);
  assert.deepEqual(store.underway(), []);
});

test('the table has the latest result of every step, newest first, remote beside local', () => {
  let minute = 0;
  const store = createStore({ now: () => at(minute) });
  play(store, run('dns', 1));
  minute = 1;
  store.recordRemote(remoteStep);
  minute = 2;
  play(store, aFailedRun('dns', { id: 'dns-2' }));
  const rows = store.rows().map(({ origin, name, passing, details }) => ({ origin, name, passing, details }));
  assert.deepEqual(rows, [
    {
      origin: 'local',
      name: 'Delete Deployment',
      passing: false,
      details: [['Not reached: an earlier step ended the run', 1]],
    },
    {
      origin: 'local',
      name: 'Create Deployment',
      passing: false,
      details: [['timeout.waiting_on_phase: Expected 3 pods Ready, saw 2 after 60 s', 1]],
    },
    { origin: 'remote', name: 'Create Service', passing: false, details: [['boom', 2]] },
  ]);
});

test('a step that the newest run did not meet leaves the table', () => {
  const store = createStore();
  const cleanup = aStep('Clean up deployment/web', 'failed', { kind: 'cleanup' });
  play(store, run('dns', 1, { steps: [aStep('Create Deployment'), cleanup] }), run('http', 1));
  play(store, run('dns', 2, { steps: [aStep('Create Deployment')] }));
  assert.deepEqual(
    store
      .rows()
      .map(({ suite, name }) => `${suite}: ${name}`)
      .sort(),
    ['dns: Create Deployment', 'http: Create Deployment', 'http: Delete Deployment'],
  );
});

test('a remote result that comes late does not replace a newer one, and none is from the future', () => {
  const store = createStore({ now: () => at(10) });
  store.recordRemote({ ...remoteStep, at: at(9).toISOString(), passing: true });
  store.recordRemote(remoteStep);
  assert.equal(store.rows()[0]?.passing, true);
  store.recordRemote({ ...remoteStep, at: '2999-01-01T00:00:00.000Z' });
  assert.equal(store.rows()[0]?.at, at(10).toISOString());
});

test('remote results cannot fill the memory: rows, details and texts are bounded', () => {
  const store = createStore({ remoteRows: 10 });
  const details = Array.from({ length: 1_000 }, (): [string, number] => ['x'.repeat(100_000), 1]);
  for (let index = 0; index < 100; index += 1) store.recordRemote({ ...remoteStep, name: `step ${index}`, details });
  const rows = store.rows();
  assert.deepEqual([rows.length, rows[0]?.name], [10, 'step 99']);
  assert.ok(JSON.stringify(rows[0]).length < 5_000);
  assert.match(rows[0]!.details.at(-1)![0], /^999 more not kept$/);
});

test('numbers its events and replays those after a number, or says that it cannot', () => {
  const store = createStore({ events: 10 });
  const heard: LiveEvent[] = [];
  const leave = store.subscribe((event) => heard.push(event));
  play(store, run('dns', 1));
  assert.deepEqual(
    heard.map(({ id }) => id),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.deepEqual(store.eventsAfter(5), heard.slice(5));
  assert.deepEqual(store.eventsAfter(7), []);
  leave();
  play(store, run('dns', 2));
  assert.equal(heard.length, 7);
  assert.deepEqual(
    store.eventsAfter(4)?.map(({ id }) => id),
    [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  );
  for (const unknown of [3, 15, -1, 1.5, Number.NaN]) assert.equal(store.eventsAfter(unknown), undefined);
});

test('what a step waits for is told but not replayed: only its newest state counts', () => {
  const store = createStore();
  const heard: LiveEvent[] = [];
  store.subscribe((event) => heard.push(event));
  store.record({
    type: 'waiting',
    run: 'dns-1',
    suite: 'dns',
    step: 'Resolve',
    message: 'm'.repeat(5_000),
    at: midnight,
  });
  assert.equal(store.lastEvent, 0);
  assert.ok(JSON.stringify(heard[0]).length < 1_024);
});

test('the headline is asked for after each verdict and leaves a span with start and end', () => {
  let minute = 0;
  const scheduler = { component: 'scheduler', since: midnight, sentence: 'down' } as Headline;
  const headlineOf = (latest: readonly RunResult[]) =>
    latest.some(({ status }) => status === 'failed') ? scheduler : undefined;
  const store = createStore({ now: () => at(minute), headlineOf });
  play(store, run('dns', 0));
  assert.deepEqual(store.headlines, []);
  minute = 1;
  play(store, run('dns', 1, { status: 'failed' }));
  minute = 2;
  play(store, run('http', 2, { status: 'failed' }));
  assert.equal(store.headline?.component, 'scheduler');
  assert.equal(store.snapshot().headline, store.headline);
  minute = 3;
  play(store, run('dns', 3), run('http', 3));
  assert.equal(store.headline, undefined);
  assert.deepEqual(
    store.headlines.map(({ start, end }) => [start, end]),
    [[at(1).toISOString(), at(3).toISOString()]],
  );
});

test('runs that other processes report are kept beside our own, with their steps as rows', () => {
  let minute = 0;
  const store = createStore({ now: () => at(minute) });
  play(store, run('dns', 0));
  const first = aFailedRun('dns', { id: 'r1', finishedAt: at(0).toISOString() });
  assert.equal(store.recordReported(first), undefined);
  assert.deepEqual(
    [store.latest('dns')?.id, store.latest('dns', 'remote')?.id, store.run('r1')?.status],
    ['dns-0', 'r1', 'failed'],
  );
  const seen = () => store.rows().filter(({ origin }) => origin === 'remote');
  assert.deepEqual(
    seen().map(({ name, status, run }) => [name, status, run]),
    first.steps.map(({ name, status }) => [name, status, 'r1']).reverse(),
  );
  minute = 1;
  const next = aRun('dns', { id: 'r2', steps: [aStep('Resolve')], finishedAt: at(1).toISOString() });
  store.recordReported(next);
  store.recordReported(first);
  assert.deepEqual(
    store.runs('dns', 'remote').map(({ id }) => id),
    ['r2', 'r1'],
    'what comes late is none of the newest',
  );
  assert.deepEqual(
    seen().map(({ name }) => name),
    ['Resolve'],
    'steps that the newest run did not meet are gone',
  );
});

test('a run that is reported at its verdict and after its clean-up is one run', () => {
  const store = createStore();
  store.recordReported(aRun('dns', { id: 'r1', steps: [aStep('Resolve')] }));
  store.recordReported(aRun('dns', { id: 'r1', steps: [aStep('Resolve'), aStep('Clean up')] }));
  assert.deepEqual(
    store.history('dns', 'remote').map(({ id, steps }) => [id, steps.length]),
    [['r1', 2]],
  );
});

test('an id is of one suite, and a reported run counts whatever the clocks say', () => {
  let minute = 60;
  const store = createStore({ now: () => at(minute) });
  const report = (suite: string, id: string, clock: number) => {
    const step = aStep('Resolve', 'passed', { startedAt: at(clock).toISOString() });
    return store.recordReported(aRun(suite, { id, steps: [step], finishedAt: at(clock).toISOString() }));
  };
  assert.equal(report('dns', '1', 60), undefined);
  assert.match(report('http', '1', 60) ?? '', /of another suite/);
  minute = 70;
  assert.equal(report('dns', '2', 45), undefined);
  assert.deepEqual(
    store.rows().map(({ run }) => run),
    ['2'],
  );
  assert.equal(store.latest('dns', 'remote')?.id, '2');
});

test('of two processes that report one suite the run that ended last counts, whichever comes last', () => {
  const store = createStore({ now: () => at(60) });
  const report = (id: string, status: Judgement, endedAgoMs: number) => {
    const steps = [aStep('Resolve', status)];
    assert.equal(store.recordReported(aRun('dns', { id, status, steps }), undefined, endedAgoMs), undefined);
  };
  report('newest', 'passed', 1_000);
  report('kept-while-the-page-was-away', 'failed', 180_000);
  report('oldest', 'failed', 240_000);
  assert.equal(store.latest('dns', 'remote')?.id, 'newest');
  assert.deepEqual(
    store.runs('dns', 'remote').map(({ id }) => id),
    ['newest', 'kept-while-the-page-was-away', 'oldest'],
  );
  assert.equal(store.run('oldest')?.status, 'failed');
  assert.deepEqual(
    store.rows().map(({ run, status }) => [run, status]),
    [['newest', 'passed']],
  );
  assert.equal(store.snapshot().reported[0]?.endedAt, new Date(at(60).getTime() - 1_000).toISOString());
  report('oldest', 'failed', 240_500);
  report('newer', 'failed', 0);
  assert.deepEqual(
    store.runs('dns', 'remote').map(({ id }) => id),
    ['newer', 'newest', 'kept-while-the-page-was-away', 'oldest'],
  );
});

test('runs of so many suites are kept that memory is bounded', () => {
  const store = createStore();
  for (let index = 0; index < 1_000; index += 1)
    assert.equal(store.recordReported(aRun(`suite_${index}`, { id: `r${index}` })), undefined);
  assert.match(store.recordReported(aRun('another', { id: 'x' })) ?? '', /^Runs of 1000 suites are kept already/);
  assert.equal(store.recordReported(aRun('suite_7', { id: 'y' })), undefined);
  assert.equal(store.run('x'), undefined);
});

test('the headline is of all suites, whoever runs them; of one that runs twice the later run counts', () => {
  const asked: string[][] = [];
  const headlineOf = (latest: readonly RunResult[]) => {
    asked.push(latest.map(({ suite, id }) => `${suite} ${id}`));
    return undefined;
  };
  let minute = 1;
  const store = createStore({ headlineOf, now: () => at(minute), reportedForMs: 10 * 60_000 });
  store.record({ type: 'run-finished', result: run('http', 1) });
  store.recordReported(aRun('dns', { id: 'r1' }));
  minute = 2;
  store.recordReported(aRun('http', { id: 'r2' }));
  minute = 3;
  store.record({ type: 'run-finished', result: run('http', 3) });
  minute = 11.5;
  store.record({ type: 'run-finished', result: run('http', 11) });
  assert.deepEqual(asked, [
    ['http http-1'],
    ['http http-1', 'dns r1'],
    ['http r2', 'dns r1'],
    ['http http-3', 'dns r1'],
    ['http http-11'],
  ]);
});
