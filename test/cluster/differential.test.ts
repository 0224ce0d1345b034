/** `RECORD=test/sandbox/recorded.json` writes what the real cluster answered, for test/sandbox/differential.test.ts. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { play } from '../sandbox/calls.ts';
import { connect, startBench } from '../sandbox/kit.ts';

const { KUBECONFIG, RECORD } = process.env;
const skip = KUBECONFIG ? false : 'NOT TESTED: KUBECONFIG is not set, so there is no real cluster to compare with';
if (skip) console.warn(skip);

test('the sandbox answers as the real cluster does', { skip }, async (t) => {
  const namespace = `differential-${process.pid}`;
  const sandbox = await startBench(t);
  const real = connect(await readFile(KUBECONFIG!, 'utf8'), 300_000);
  t.after(async () => {
    await real.remove(`/api/v1/namespaces/${namespace}`);
    real.close();
  });
  const [ours, theirs] = await Promise.all([play(sandbox, namespace), play(real, namespace)]);
  if (RECORD) await writeFile(RECORD, `${JSON.stringify(theirs, null, 2)}\n`);
  for (const [index, answer] of ours.entries()) assert.deepEqual(answer, theirs[index]);
});
