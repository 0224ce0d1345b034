/** `RECORD=test/sandbox/recorded.json` writes what the real cluster answered, for test/sandbox/differential.test.ts. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { play } from '../sandbox/calls.ts';
import { connect, startBench } from '../sandbox/kit.ts';

const { KUBECONFIG, RECORD } = process.env;
const noCluster = KUBECONFIG ? false : 'NOT TESTED: KUBECONFIG is not set, so there is no real cluster to compare with';
if (noCluster) console.warn(noCluster);

test('the sandbox answers as the real cluster does', { skip: noCluster }, async (t) => {
  const namespace = `differential-${process.pid}`;
  const sandbox = await startBench(t);
  const real = connect(await readFile(KUBECONFIG!, 'utf8'), 300_000);
  const { gitVersion } = (await real.call('GET', '/version')).body;
  if (!gitVersion.startsWith('v1.37.')) {
    real.close();
    return t.skip(`NOT COMPARED: the sandbox answers as Kubernetes 1.37 does, this cluster is ${gitVersion}`);
  }
  t.after(async () => {
    await real.remove(`/api/v1/namespaces/${namespace}`);
    real.close();
  });
  const [ours, theirs] = await Promise.all([play(sandbox, namespace), play(real, namespace)]);
  if (RECORD) await writeFile(RECORD, `${JSON.stringify(theirs, null, 2)}\n`);
  for (const [index, answer] of ours.entries()) assert.deepEqual(answer, theirs[index]);
});
