/** A server whose log of events is full, in a process of its own: what its listeners cost shows in that one's memory. */
import type { TestContext } from 'node:test';
import { aScene } from './app.ts';

/** What it says once it listens. */
export interface Listening {
  readonly url: string;
  readonly epoch: string;
  readonly lastEvent: number;
}

/** What it says when it is asked. */
export interface Cost {
  /** By how much it has grown at most since it listened. */
  readonly grownMiB: number;
  /** The most that its loop worked without a pause, in processor time: other programs do not count. */
  readonly longestMs: number;
}

const { app, store } = await aScene({ after: () => {} } as unknown as TestContext);
for (let index = 0; index < 5_000; index += 1) {
  store.recordRemote({
    name: `step ${index} ${'x'.repeat(200)}`,
    namespace: 'n'.repeat(300),
    suite: `s${index % 10}${'y'.repeat(290)}`,
    run: `r${index}`,
    passing: true,
    details: [],
    at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
  });
}
const url = await app.listen({ port: 0, host: '127.0.0.1' });
await fetch(`${url}/livez`);
const before = process.memoryUsage().rss;
let most = before;
let longestMs = 0;
let last = process.cpuUsage();
setInterval(() => {
  const { user, system } = process.cpuUsage(last);
  longestMs = Math.max(longestMs, (user + system) / 1_000);
  last = process.cpuUsage();
  most = Math.max(most, process.memoryUsage().rss);
}, 5);
process.on('message', () => process.send?.({ grownMiB: (most - before) / 2 ** 20, longestMs } satisfies Cost));
process.send?.({ url, epoch: store.epoch, lastEvent: store.lastEvent } satisfies Listening);
