import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Stoppable, stopAll } from '../../runtime/process/shutdown.ts';

test('everything is stopped in order, also behind what fails or hangs', async () => {
  const stopped: string[] = [];
  const complaints: string[] = [];
  const part = (name: string, stop: () => Promise<unknown>): Stoppable => ({
    name,
    limitMs: 10,
    stop: () => {
      stopped.push(name);
      return stop();
    },
  });
  const parts = [
    part('runs', () => Promise.reject(new Error('no'))),
    part('server', () => new Promise(() => undefined)),
    part('metrics', async () => undefined),
  ];
  await stopAll(parts, { error: (_, message) => complaints.push(message) });
  assert.deepEqual(stopped, ['runs', 'server', 'metrics']);
  assert.deepEqual(complaints, ['runs did not stop well', 'server did not stop well']);
});
