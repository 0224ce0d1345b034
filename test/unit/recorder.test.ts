import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, Sink } from '../../runtime/model/event.ts';
import { createRecorder } from '../../runtime/run/recorder.ts';
import { aFailedRun, aRun, aStep } from '../results.ts';

const event: RunEvent = { type: 'run-finished', result: aFailedRun('dns') };

function aLog() {
  const lines: string[] = [];
  return { lines, warn: (_: object, message: string) => void lines.push(message) };
}

test('every sink gets every event as a copy, frozen to the last finding', () => {
  const seen: RunEvent[] = [];
  const sinks = ['a', 'b'].map((name): Sink => ({ name, record: (got) => void seen.push(got) }));
  createRecorder(sinks, aLog()).record(event);
  assert.deepEqual(seen, [event, event]);
  const finding = (of: RunEvent) => (of.type === 'run-finished' ? of.result.steps[0]?.findings[0] : undefined)!;
  assert.throws(() => Object.assign(finding(seen[0]!), { message: 'changed' }), TypeError);
  Object.assign(finding(event), { count: finding(event).count });
});

test('a text of the cluster that cannot be encoded reaches no sink', () => {
  const seen: RunEvent[] = [];
  const sink: Sink = { name: 'a', record: (got) => void seen.push(got) };
  const steps = [aStep('Look \ud800', 'failed', { notes: ['b \udfff'] })];
  createRecorder([sink], aLog()).record({ type: 'run-finished', result: aRun('dns', { namespace: '\ud800', steps }) });
  assert.doesNotMatch(JSON.stringify(seen), /\\u[dD][89a-fA-F]/);
  assert.match(JSON.stringify(seen), /Look \ufffd/);
});

test('a sink that throws is logged once for each distinct message and keeps nobody else from the event', () => {
  const log = aLog();
  const seen: RunEvent[] = [];
  let calls = 0;
  const broken: Sink = {
    name: 'broken',
    record() {
      calls += 1;
      throw new Error(calls > 2 ? 'another' : 'no route');
    },
  };
  const recorder = createRecorder([broken, { name: 'fine', record: (got) => void seen.push(got) }], log);
  for (let index = 0; index < 4; index += 1) recorder.record(event);
  assert.equal(seen.length, 4);
  assert.equal(log.lines.length, 2);
  assert.match(log.lines[0]!, /^Sink broken failed to record run-finished: no route\./);
  assert.match(log.lines[1]!, /another/);
});

test('a sink whose messages never repeat does not fill the log', () => {
  const log = aLog();
  let calls = 0;
  const record = () => {
    calls += 1;
    throw new Error(`number ${calls}`);
  };
  const recorder = createRecorder([{ name: 'broken', record }], log);
  for (let index = 0; index < 500; index += 1) {
    recorder.record({ type: 'run-finished', result: aRun('dns') });
  }
  assert.equal(log.lines.length, 100);
});

test('close waits for every sink, and no longer than its limit for one that hangs or fails', async () => {
  const log = aLog();
  let flushed = false;
  const sinks: Sink[] = [
    { name: 'hangs', record() {}, close: () => new Promise(() => {}) },
    { name: 'fails', record() {}, close: () => Promise.reject(new Error('lost')) },
    { name: 'open', record() {} },
    {
      name: 'flushes',
      record() {},
      async close() {
        flushed = await Promise.resolve(true);
      },
    },
  ];
  const recorder = createRecorder(sinks, log, { closeTimeoutMs: 20 });
  await Promise.all([recorder.close(), recorder.close()]);
  assert.ok(flushed);
  assert.deepEqual(log.lines.map((line) => line.split('. ')[0]).sort(), [
    'Sink fails failed to close: lost',
    'Sink hangs failed to close: no end within 20 ms',
  ]);
});
