/** Changes as memory hands them out. */
import type { Change } from '../../runtime/memory/kept.ts';
import { createStore } from '../../runtime/memory/store.ts';
import { aRun, at } from '../results.ts';

/** The run with that number of the suite, as its own store hands it out; a minute apart, the newest a minute ago. */
export function runChange(suite: string, number: number): Change {
  const changes: Change[] = [];
  const finishedAt = new Date(Date.now() - 60_000 + number).toISOString();
  createStore({ keep: (change) => changes.push(change), now: () => at(0) }).record({
    type: 'run-finished',
    result: aRun(suite, { id: `${suite}-${number}`, finishedAt }),
  });
  return changes.find(({ kind }) => kind === 'run')!;
}
