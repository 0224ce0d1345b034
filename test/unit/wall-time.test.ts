import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallTimes } from '../../runtime/process/wall-time.ts';

/** The instants at which it is due from `from` to `to`, as a process that asks after each run sees them. */
function due(expression: string, timeZone: string, from: string, to: string): readonly string[] {
  const times = wallTimes(expression, timeZone);
  const found: string[] = [];
  for (let at = times.after(new Date(from)); at && at <= new Date(to); at = times.after(at)) {
    assert.ok(found.length === 0 || at.toISOString() > found.at(-1)!, 'later than the one before');
    found.push(at.toISOString().replace('.000', ''));
  }
  return found;
}

const berlin = 'Europe/Berlin';

for (const [expression, minutes] of [
  ['*/5 * * * *', 5],
  ['*/30 * * * *', 30],
  ['0 * * * *', 60],
  ['7 0-23 * * *', 60],
] as const) {
  for (const [zone, from, to] of [
    [berlin, '2027-10-30T22:00:00Z', '2027-10-31T04:00:00Z'],
    [berlin, '2027-03-27T22:00:00Z', '2027-03-28T04:00:00Z'],
    ['America/New_York', '2027-11-07T03:00:00Z', '2027-11-07T09:00:00Z'],
    ['America/New_York', '2027-03-14T04:00:00Z', '2027-03-14T10:00:00Z'],
  ] as const) {
    test(`${expression} in ${zone} goes on through the change of clocks after ${from}`, () => {
      const instants = due(expression, zone, from, to).map((at) => Date.parse(at));
      assert.equal(instants.length, (6 * 60) / minutes);
      for (const [index, at] of instants.entries())
        if (index > 0) assert.equal(at - instants[index - 1]!, minutes * 60_000);
    });
  }
}

test('a time of day that the clocks show twice is due once', () => {
  assert.deepEqual(due('30 2 * * *', berlin, '2027-10-29T12:00:00Z', '2027-11-01T12:00:00Z'), [
    '2027-10-30T00:30:00Z',
    '2027-10-31T00:30:00Z',
    '2027-11-01T01:30:00Z',
  ]);
});

test('also for a process that starts while they show it the second time', () => {
  assert.deepEqual(due('30 2 * * *', berlin, '2027-10-31T01:10:00Z', '2027-11-01T12:00:00Z'), ['2027-11-01T01:30:00Z']);
});

test('a time of day that the clocks leave out is due all the same, once', () => {
  assert.deepEqual(due('30 2 * * *', berlin, '2027-03-27T12:00:00Z', '2027-03-29T12:00:00Z'), [
    '2027-03-28T01:30:00Z',
    '2027-03-29T00:30:00Z',
  ]);
});

test('also for a process that starts between the change and its time', () => {
  assert.equal(due('30 2 * * *', berlin, '2027-03-28T01:10:00Z', '2027-03-28T12:00:00Z')[0], '2027-03-28T01:30:00Z');
});

test('every second hour keeps its times of day', () => {
  assert.deepEqual(due('0 */2 * * *', berlin, '2027-10-30T21:30:00Z', '2027-10-31T04:00:00Z'), [
    '2027-10-30T22:00:00Z',
    '2027-10-31T00:00:00Z',
    '2027-10-31T03:00:00Z',
  ]);
});

test('clocks that change by half an hour', () => {
  const howe = 'Australia/Lord_Howe';
  const instants = due('*/10 * * * *', howe, '2027-04-03T12:00:00Z', '2027-04-03T18:00:00Z').map((at) =>
    Date.parse(at),
  );
  assert.equal(instants.length, 36);
  assert.deepEqual(due('45 1 * * *', howe, '2027-04-03T00:00:00Z', '2027-04-05T00:00:00Z').length, 2);
});

test('a zone that knows no change, days of the week and a day that is far', () => {
  assert.deepEqual(due('0 3 * * MON', 'Asia/Tokyo', '2030-01-01T00:00:00Z', '2030-01-14T00:00:00Z'), [
    '2030-01-06T18:00:00Z',
    '2030-01-13T18:00:00Z',
  ]);
  assert.deepEqual(due('0 0 29 2 *', berlin, '2027-01-01T00:00:00Z', '2028-12-31T00:00:00Z'), ['2028-02-28T23:00:00Z']);
});

test('a date that never comes is never due', () => {
  assert.equal(wallTimes('0 0 30 2 *', berlin).after(new Date('2027-01-01T00:00:00Z')), undefined);
});
