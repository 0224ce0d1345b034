/**
 * What HISTORY_FILE costs when 30 suites have run 120 times each: the thread that makes the runs, the file, and reading it at the start.
 *
 *     node --expose-gc bench/history-file.ts
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openHistoryFile } from '../runtime/history-file/history-file.ts';
import { createStore } from '../runtime/memory/store.ts';
import { aRun, aStep } from '../test/results.ts';

const suites = 30;
const runs = 120;
const folder = mkdtempSync(join(tmpdir(), 'history-'));
const path = join(folder, 'history.db');
const log = { warn: console.error, info: console.error };

/** Milliseconds that the store took for each run, with a file and without; and what of it was lost. */
async function fill(keep?: Parameters<typeof createStore>[0], pause?: () => Promise<unknown>): Promise<number> {
  const store = createStore(keep);
  let busyMs = 0;
  const start = Date.now() - suites * runs * 1_000;
  for (let run = 0; run < runs; run += 1) {
    for (let suite = 0; suite < suites; suite += 1) {
      const finishedAt = new Date(start + (run * suites + suite) * 1_000).toISOString();
      const steps = Array.from({ length: 20 }, (_, index) =>
        aStep(`Check ${index} of suite ${suite}`, 'passed', { durationMs: Math.random() * 1_000 }),
      );
      const result = aRun(`suite_${suite}`, { id: `r${suite}x${run}`, finishedAt, steps });
      const began = performance.now();
      store.record({ type: 'run-finished', result });
      busyMs += performance.now() - began;
    }
    await pause?.();
  }
  return busyMs / (suites * runs);
}

// The first is for the compiler.
await fill();
const bare = await fill();
const file = await openHistoryFile(path, { log, batchMs: 20, closeWithinMs: 60_000 });
const withFile = await fill({ keep: file.keep }, async () => {
  while (file.state.waiting > 100) await setImmediate();
});
await file.close();
const bytes = statSync(path).size;
const began = performance.now();
const again = await openHistoryFile(path, { log, openWithinMs: 60_000 });
const openMs = performance.now() - began;
const since = performance.now();
createStore({ remembered: again.remembered! });
const restoreMs = performance.now() - since;
await again.close();
rmSync(folder, { recursive: true });
const figure = (value: number, digits = 2) => value.toFixed(digits);
console.log(`| | |\n|---|---|
| runs in the file, of ${suites * runs} | ${again.remembered!.runs.length} |
| the store takes for a run, without a file | ${figure(bare)} ms |
| the same with a file | ${figure(withFile)} ms |
| changes that were given up | ${file.state.lost} |
| the file | ${figure(bytes / 1e6, 1)} MB |
| opening and reading it, in its thread | ${figure(openMs, 0)} ms |
| taking it up again | ${figure(restoreMs, 0)} ms |`);
process.exit(0);
