/**
 * What the store holds when 100 suites have 100 runs each, every one as large as PUT /results takes it. Ends with 1
 * where the store takes more than 150 MB of heap.
 *
 *     node --expose-gc --max-semi-space-size=4 --heap-growing-percent=30 bench/store-memory.ts
 */
import { randomBytes } from 'node:crypto';
import { createStore } from '../runtime/memory/store.ts';
import { aFinding, aRun, aStep } from '../test/results.ts';

const limitMb = 150;
const suites = 100;
const runs = Number(process.argv[2] ?? 100);
const pool = randomBytes(4_000_000).toString('base64');
const noise = (length: number) => {
  const from = Math.floor(Math.random() * (pool.length - length));
  return Buffer.from(pool.slice(from, from + length)).toString();
};
const used = () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: Math.round(rss / 1e6), heap: Math.round(heapUsed / 1e6) };
};

const before = used();
const store = createStore();
for (let run = 0; run < runs; run++) {
  for (let suite = 0; suite < suites; suite++) {
    const steps = Array.from({ length: 60 }, () =>
      aStep(noise(300), 'failed', {
        findings: Array.from({ length: 3 }, () => aFinding({ message: noise(1_000) })),
        notes: [noise(500)],
      }),
    );
    store.recordReported(aRun(`suite_${suite}`, { id: `r${suite}x${run}`, status: 'failed', steps }));
  }
}
const after = used();
const kept = store.runs('suite_7', 'remote').length;
console.log(`| | before, MB | with ${suites} suites of ${runs} runs, ${kept} of each kept, MB |\n|---|---|---|`);
console.log(`| heap | ${before.heap} | ${after.heap} |`);
console.log(`| resident | ${before.resident} | ${after.resident} |`);
if (after.heap - before.heap > limitMb) process.exitCode = 1;
