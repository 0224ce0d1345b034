import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Defect, Held } from '../../runtime/defects.ts';
import type { Evidence } from '../../runtime/model/evidence.ts';
import { evidenceOf } from '../results.ts';
import { aResource, aSession, runOf, stepsOf, suiteOf, surroundings } from '../runs.ts';

const broken = () => {
  throw new Defect('timeout.events', 'nothing happened');
};

test('stops the suite at the first failed step and shows the rest as skipped', async () => {
  const suite = suiteOf(['One', 'Two', 'Three'], async (t) => {
    await t.step('One', () => {});
    await t.step('Two', broken);
    await t.step('Three', () => assert.fail('must not run'));
  });
  const result = await runOf(suite, surroundings(aSession()));
  assert.equal(result.status, 'failed');
  assert.deepEqual(stepsOf(result), ['One: passed', 'Two: failed', 'Three: skipped']);
});

test('goes on after a failed check, and the run is failed all the same', async () => {
  const suite = suiteOf(['One', 'Two'], async (t) => {
    assert.equal(await t.check('One', broken), undefined);
    await t.step('Two', () => {});
  });
  const result = await runOf(suite, surroundings(aSession()));
  assert.equal(result.status, 'failed');
  assert.deepEqual(stepsOf(result), ['One: failed', 'Two: passed']);
});

test('a step hands out what its function returns', async () => {
  const suite = suiteOf(['One'], async (t) => assert.equal(await t.step('One', async () => 7), 7));
  assert.equal((await runOf(suite, surroundings(aSession()))).status, 'passed');
});

test('whatever a step throws that is no finding is a defect of ours: errored, not failed', async () => {
  const suite = suiteOf(['One'], (t) => t.step('One', () => JSON.parse('{')));
  const result = await runOf(suite, surroundings(aSession()));
  assert.equal(result.status, 'errored');
  assert.equal(result.steps[0]?.findings[0]?.code, 'run.defect');
});

test('a suite that throws between its steps is errored', async () => {
  const suite = suiteOf(['One'], async () => {
    throw new TypeError('no such thing');
  });
  const result = await runOf(suite, surroundings(aSession()));
  assert.equal(result.status, 'errored');
  assert.deepEqual(stepsOf(result), ['Suite: errored', 'One: skipped']);
});

test('a suite that leaves out a step it declares does not pass', async () => {
  const suite = suiteOf(['One', 'Two'], (t) => t.step('One', () => {}));
  const result = await runOf(suite, surroundings(aSession()));
  assert.equal(result.status, 'errored');
  assert.match(result.steps[1]?.findings[0]?.message ?? '', /declares steps that it never ran: Two/);
});

test('a suite that runs a step it does not declare does not pass', async () => {
  const suite = suiteOf(['One'], async (t) => {
    await t.step('One', () => {});
    await t.step('Other', () => {});
  });
  assert.equal((await runOf(suite, surroundings(aSession()))).status, 'errored');
});

test('cleans up in reverse order, only what use made', async () => {
  const session = aSession();
  const suite = suiteOf(['Make'], (t) =>
    t.step('Make', async () => {
      await t.use(aResource('first', session.calls));
      await t.ensure(aResource('kept', session.calls));
      await t.use(aResource('second', session.calls));
    }),
  );
  const result = await runOf(suite, surroundings(session));
  const made = ['create first', 'ensure kept', 'create second'];
  assert.deepEqual(session.calls, ['lock', ...made, 'remove second', 'remove first', 'close clean']);
  assert.deepEqual(stepsOf(result).slice(1), ['Clean up service/second: passed', 'Clean up service/first: passed']);
});

test('cleans up what a create that failed may have made', async () => {
  const session = aSession();
  const create = () => Promise.reject(new Defect('api.max_retries_exceeded', 'no answer'));
  const suite = suiteOf(['Make'], (t) =>
    t.step('Make', async () => void (await t.use(aResource('lost', session.calls, { create })))),
  );
  assert.equal((await runOf(suite, surroundings(session))).status, 'failed');
  assert.deepEqual(session.calls, ['lock', 'remove lost', 'close clean']);
});

test('runs into its deadline in a step that hangs, and cleans up all the same', async () => {
  const session = aSession();
  const suite = suiteOf(
    ['Make', 'Hang', 'Never'],
    async (t) => {
      await t.step('Make', () => t.use(aResource('web', session.calls)));
      await t.check('Hang', () => new Promise(() => {}));
      await t.step('Never', () => assert.fail('must not run'));
    },
    { timeout: 0.05 },
  );
  const result = await runOf(suite, surroundings(session));
  assert.equal(result.status, 'failed');
  assert.equal(result.steps[1]?.findings[0]?.code, 'timeout.deadline');
  assert.equal(result.steps[2]?.status, 'skipped');
  assert.ok(session.calls.includes('remove web'));
});

test('is errored when it is stopped in mid-run, and cleans up', async () => {
  const session = aSession();
  const stop = new AbortController();
  const suite = suiteOf(['Make', 'Hang'], async (t) => {
    await t.step('Make', () => t.use(aResource('web', session.calls)));
    await t.step('Hang', () => {
      stop.abort(new Defect('run.aborted', 'This process shuts down'));
      return new Promise(() => {});
    });
  });
  const result = await runOf(suite, surroundings(session), stop.signal);
  assert.equal(result.status, 'errored');
  assert.equal(result.steps[1]?.findings[0]?.code, 'run.aborted');
  assert.deepEqual(session.calls.slice(-2), ['remove web', 'close clean']);
});

test('a clean-up that hangs ends with its budget, is told, and leaves the lock for a recovery', async () => {
  const session = aSession();
  const remove = () => new Promise<boolean>(() => {});
  const suite = suiteOf(['Make'], (t) =>
    t.step('Make', async () => void (await t.use(aResource('web', session.calls, { remove })))),
  );
  const result = await runOf(suite, surroundings(session, { eventTimeoutMs: 30 }));
  assert.equal(result.status, 'passed');
  assert.equal(result.steps[1]?.findings[0]?.code, 'k8s.not_deleted');
  assert.equal(session.calls.at(-1), 'close unclean');
});

test('tells the verdict before it cleans up', async () => {
  const session = aSession();
  const around = surroundings(session);
  const { events } = around;
  const remove = async () => {
    const judged = events.find(({ type }) => type === 'run-judged');
    session.calls.push(judged ? 'remove after the verdict' : 'remove before the verdict');
    return true;
  };
  const suite = suiteOf(['Make'], (t) =>
    t.step('Make', async () => void (await t.use(aResource('web', session.calls, { remove })))),
  );
  await runOf(suite, around);
  assert.ok(session.calls.includes('remove after the verdict'));
});

test('clears leftovers first when the last holder of the lock died', async () => {
  const session = aSession({
    lock: async () => ({ leftoversLikely: true }),
    recovered: [{ kind: 'service', name: 'old' }],
  });
  const result = await runOf(
    suiteOf(['One'], (t) => t.step('One', () => void session.calls.push('one'))),
    surroundings(session),
  );
  assert.deepEqual(session.calls, ['recover', 'one', 'close clean']);
  assert.deepEqual(result.recovered, [{ kind: 'service', name: 'old' }]);
  assert.equal(result.status, 'passed');
});

test('never begins where another process holds the namespace', async () => {
  const session = aSession({ lock: () => Promise.reject(new Held('other/1/r0', 5_000, 'tests')) });
  const around = surroundings(session);
  await assert.rejects(
    runOf(
      suiteOf(['One'], () => assert.fail('must not run')),
      around,
    ),
    Held,
  );
  assert.deepEqual(
    around.events.map(({ type }) => type),
    ['run-started', 'run-withdrawn'],
  );
});

test('says that it waits for the lock while it does', async () => {
  const free = Promise.withResolvers<void>();
  const session = aSession({
    lock: async () => {
      await free.promise;
      return { leftoversLikely: false };
    },
  });
  const around = surroundings(session, {
    record: (event) => {
      around.events.push(event);
      if (event.type === 'waiting') free.resolve();
    },
  });
  const result = await runOf(
    suiteOf(['One'], (t) => t.step('One', () => {})),
    around,
  );
  const [, taking, waiting] = around.events;
  assert.ok(taking?.type === 'step-started' && taking.step === 'Take the namespace');
  assert.ok(waiting?.type === 'waiting' && /lock of namespace tests/.test(waiting.message));
  assert.deepEqual(stepsOf(result), ['One: passed']);
});

test('the time that it waits for the lock is none of its deadline', async () => {
  const lock = async () => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return { leftoversLikely: false };
  };
  const suite = suiteOf(['One'], (t) => t.step('One', () => {}), { timeout: 0.05 });
  assert.equal((await runOf(suite, surroundings(aSession({ lock })))).status, 'passed');
});

for (const [outcome, step] of [
  ['failed', broken],
  ['passed', () => {}],
] as const) {
  test(`a step that ${outcome} counts for nothing where the namespace is another's by then`, async () => {
    const session = aSession({ confirm: () => Promise.reject(new Defect('run.aborted', 'Lost lease/web')) });
    const suite = suiteOf(['One', 'Two'], async (t) => {
      await t.check('One', step);
      await t.check('Two', () => assert.fail('must not run'));
    });
    const result = await runOf(suite, surroundings(session));
    assert.equal(result.status, 'errored');
    assert.equal(result.steps[0]?.findings[0]?.code, 'run.aborted');
    assert.equal(result.steps[1]?.status, 'skipped');
  });
}

test('a namespace that cannot be taken is a verdict with every step skipped', async () => {
  const missing = new Defect('k8s.prerequisite_missing', 'Namespace tests does not exist');
  const session = aSession({ lock: () => Promise.reject(missing) });
  const result = await runOf(
    suiteOf(['One'], () => assert.fail('must not run')),
    surroundings(session),
  );
  assert.equal(result.status, 'errored');
  assert.deepEqual(stepsOf(result), ['Take the namespace: errored', 'One: skipped']);
});

test('a lost lock ends the run as errored', async () => {
  const session = aSession();
  let lose: (reason: Error) => void = () => {};
  const around = surroundings(session, {
    openSession: (scope) => {
      lose = scope.abort;
      return session;
    },
  });
  const suite = suiteOf(['Hang'], (t) =>
    t.step('Hang', () => {
      lose(new Defect('run.aborted', 'Lost lease/web'));
      return new Promise<void>(() => {});
    }),
  );
  const result = await runOf(suite, around);
  assert.equal(result.status, 'errored');
  assert.match(result.steps[0]?.findings[0]?.message ?? '', /Lost lease/);
});

test('takes evidence once, at the first failure', async () => {
  let taken = 0;
  const evidence = async (): Promise<Evidence> => evidenceOf(`take ${++taken}`);
  const suite = suiteOf(['One', 'Two'], async (t) => {
    await t.check('One', broken);
    await t.check('Two', broken);
  });
  const result = await runOf(suite, surroundings(aSession({ evidence })));
  assert.equal(taken, 1);
  assert.equal(result.steps[0]?.findings[0]?.evidence?.events[0]?.message, 'take 1');
  assert.equal(result.steps[1]?.findings[0]?.evidence, undefined);
});

test('figures and notes belong to the step under way', async () => {
  const session = aSession();
  let note: (text: string) => void = () => {};
  const around = surroundings(session, {
    openSession: (scope) => {
      note = scope.note;
      return session;
    },
  });
  const suite = suiteOf(['One', 'Two'], async (t) => {
    await t.step('One', () => note('of one'));
    await t.step('Two', () => note('of two'));
  });
  const result = await runOf(suite, around);
  assert.deepEqual(
    result.steps.map(({ notes }) => notes),
    [['of one'], ['of two']],
  );
});

test('tells what a step waits for at most twice a second', async () => {
  const session = aSession();
  let waiting: (text: string) => void = () => {};
  const around = surroundings(session, {
    openSession: (scope) => {
      waiting = scope.waiting;
      return session;
    },
  });
  const chatter = () => {
    for (let n = 1; n <= 100; n++) waiting(`${n} of 100`);
  };
  await runOf(
    suiteOf(['One'], (t) => t.step('One', chatter)),
    around,
  );
  assert.deepEqual(
    around.events.flatMap((event) => (event.type === 'waiting' ? [event.message] : [])),
    ['1 of 100'],
  );
});

test('a suite that waits for ever between its steps ends with its deadline', async () => {
  const session = aSession();
  const suite = suiteOf(
    ['Make', 'Never'],
    async (t) => {
      await t.step('Make', async () => void (await t.use(aResource('web', session.calls))));
      await new Promise(() => {});
    },
    { timeout: 0.05 },
  );
  const result = await runOf(suite, surroundings(session));
  assert.deepEqual(stepsOf(result).slice(0, 3), ['Make: passed', 'Suite: failed', 'Never: skipped']);
  assert.deepEqual(session.calls, ['lock', 'create web', 'remove web', 'close clean']);
});

test('a removal that hangs does not keep the others from theirs', async () => {
  const session = aSession();
  const hangs = (signal: AbortSignal) =>
    new Promise<boolean>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const suite = suiteOf(['Make'], (t) =>
    t.step('Make', async () => {
      await t.use(aResource('page', session.calls));
      await t.use(aResource('app', session.calls, { remove: hangs }));
    }),
  );
  const result = await runOf(suite, surroundings(session, { eventTimeoutMs: 100 }));
  assert.deepEqual(session.calls.slice(-2), ['remove page', 'close unclean']);
  assert.equal(result.status, 'passed');
});

test('a lock that could not be had says how long it was asked for', async () => {
  const lock = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return broken();
  };
  const result = await runOf(
    suiteOf(['One'], async () => {}),
    surroundings(aSession({ lock })),
  );
  assert.equal(result.steps[0]?.name, 'Take the namespace');
  assert.ok((result.steps[0]?.durationMs ?? 0) >= 29);
});
