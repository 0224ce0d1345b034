import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../runtime/defects.ts';
import type { StartOutcome } from '../../runtime/model/outcome.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { createRunner } from '../../runtime/run/runner.ts';
import { aSession, suiteOf, surroundings } from '../runs.ts';

function aRunner(session = aSession(), namespaceOf = (suite: string) => suite) {
  const { parts, events } = surroundings(session);
  return { runner: createRunner({ namespaceOf, connected: async () => parts, record: parts.record }), events };
}

/** A suite that runs until it is let go. */
function aSlowSuite(name: string, changes: Partial<Suite> = {}) {
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const suite = suiteOf(
    ['Wait'],
    (t) =>
      t.step('Wait', () => {
        begun.resolve();
        return over.promise;
      }),
    { name, ...changes },
  );
  return { suite, begun: begun.promise, letGo: () => over.resolve() };
}

function running(outcome: StartOutcome) {
  assert.equal(outcome.kind, 'run');
  return outcome as Extract<StartOutcome, { kind: 'run' }>;
}

test('a second call joins the run under way and gets its result', async () => {
  const { runner } = aRunner();
  const { suite, letGo } = aSlowSuite('web');
  const first = running(runner.start(suite, 'cli'));
  const second = running(runner.start(suite, 'http'));
  assert.deepEqual([first.joined, second.joined], [false, true]);
  assert.equal(second.id, first.id);
  letGo();
  assert.equal(await second.finished, await first.finished);
});

test('200 calls at once are one run', async () => {
  const { runner, events } = aRunner();
  const { suite, letGo } = aSlowSuite('web');
  const outcomes = Array.from({ length: 200 }, () => running(runner.start(suite, 'http')));
  letGo();
  const results = await Promise.all(outcomes.map(({ finished }) => finished));
  assert.equal(new Set(results).size, 1);
  assert.equal(events.filter(({ type }) => type === 'run-started').length, 1);
});

test('after a run has finished the next call begins another', async () => {
  const { runner } = aRunner();
  const suite = suiteOf(['One'], (t) => t.step('One', () => {}));
  const first = running(runner.start(suite, 'cli'));
  await first.finished;
  const second = running(runner.start(suite, 'cli'));
  assert.equal(second.joined, false);
  assert.notEqual(second.id, first.id);
  await second.finished;
});

test('suites that share a namespace run one at a time, in the order they came', async () => {
  const { runner, events } = aRunner(aSession(), () => 'shared');
  const one = aSlowSuite('one');
  const two = aSlowSuite('two');
  const first = running(runner.start(one.suite, 'cli'));
  const second = running(runner.start(two.suite, 'cli'));
  await one.begun;
  const started = () => events.flatMap((event) => (event.type === 'run-started' ? [event.suite] : []));
  assert.deepEqual(started(), ['one']);
  assert.deepEqual(
    runner.active.map(({ suite }) => suite),
    ['one', 'two'],
  );
  one.letGo();
  await first.finished;
  await two.begun;
  two.letGo();
  await second.finished;
  assert.deepEqual(started(), ['one', 'two']);
});

test('suites of different namespaces run side by side', async () => {
  const { runner } = aRunner();
  const one = aSlowSuite('one');
  const two = aSlowSuite('two');
  const runs = [one, two].map(({ suite }) => running(runner.start(suite, 'cli')));
  await Promise.all([one.begun, two.begun]);
  one.letGo();
  two.letGo();
  await Promise.all(runs.map(({ finished }) => finished));
});

test('a suite that needs no cluster waits for nobody', async () => {
  const { runner } = aRunner(aSession(), () => 'shared');
  const one = aSlowSuite('one');
  const dns = aSlowSuite('dns', { uses: [] });
  const runs = [one, dns].map(({ suite }) => running(runner.start(suite, 'cli')));
  await Promise.all([one.begun, dns.begun]);
  one.letGo();
  dns.letGo();
  await Promise.all(runs.map(({ finished }) => finished));
});

test('a namespace held by another process rejects the run, and the next call tries again', async () => {
  let held = true;
  const session = aSession({
    lock: async () => {
      if (held) throw new Held('other/1/r0', 5_000, 'web');
      return { leftoversLikely: false };
    },
  });
  const { runner } = aRunner(session);
  const suite = suiteOf(['One'], (t) => t.step('One', () => {}));
  const first = running(runner.start(suite, 'cli'));
  await assert.rejects(first.judged, Held);
  await assert.rejects(first.finished, { holder: 'other/1/r0', retryAfterMs: 5_000 });
  held = false;
  assert.equal((await running(runner.start(suite, 'cli')).finished).status, 'passed');
});

test('closing stops what runs, waits for its clean-up, and refuses what comes after', async () => {
  const session = aSession();
  const { runner } = aRunner(session);
  const { suite, begun } = aSlowSuite('web');
  const run = running(runner.start(suite, 'cli'));
  await begun;
  await runner.close();
  assert.equal((await run.finished).status, 'errored');
  assert.equal(session.calls.at(-1), 'close clean');
  assert.deepEqual(runner.start(suite, 'cli'), { kind: 'closing' });
});

test('the verdict is there before the clean-up is over', async () => {
  const closing = Promise.withResolvers<void>();
  const session = aSession({ close: () => closing.promise });
  const { runner } = aRunner(session);
  const run = running(
    runner.start(
      suiteOf(['One'], (t) => t.step('One', () => {})),
      'cli',
    ),
  );
  assert.equal((await run.judged).status, 'passed');
  assert.equal(runner.active.length, 1);
  closing.resolve();
  await run.finished;
  assert.equal(runner.active.length, 0);
});

test('with a grace, closing lets the run under way finish and takes no other', async () => {
  const { runner } = aRunner();
  const { suite, begun, letGo } = aSlowSuite('web');
  const run = running(runner.start(suite, 'event'));
  await begun;
  const closed = runner.close(60_000);
  assert.equal(runner.start(suite, 'http').kind, 'closing');
  letGo();
  await closed;
  assert.equal((await run.finished).status, 'passed');
});

test('a run that is under way when the grace is over is aborted', async () => {
  const { runner } = aRunner();
  const { suite, begun } = aSlowSuite('web');
  const run = running(runner.start(suite, 'event'));
  await begun;
  await runner.close(20);
  const { status, steps } = await run.finished;
  assert.deepEqual([status, steps[0]?.findings[0]?.code], ['errored', 'run.aborted']);
});
