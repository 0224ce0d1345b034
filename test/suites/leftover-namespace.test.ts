/** A namespace that is there already when the namespace suite begins. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { managedBy, ourName, runLabel } from '../../runtime/kube/kinds/ownership.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { openDrive } from '../cluster/drive.ts';
import { openAdmin } from '../cluster/kit.ts';

async function scene(t: TestContext) {
  const sandbox = await startSandbox();
  const drive = await openDrive({
    prefix: 'leftover',
    eventTimeoutSeconds: 5,
    env: { KUBECONFIG: sandbox.kubeconfigPath, PROBE_PROXY: sandbox.probeProxy },
  });
  const admin = openAdmin(sandbox.kubeconfigPath);
  t.after(async () => {
    await admin.close();
    await drive.close();
    await sandbox.close();
  });
  const name = drive.namespaceOf('namespace');
  const labels = { [managedBy]: ourName, [runLabel]: 'another' };
  await admin.core.createNamespace({ body: { metadata: { name, labels } } });
  const run = () => drive.runOne(drive.suite('namespace'));
  return { sandbox, core: admin.core, name, run };
}

test('one that is being deleted, and young, is waited for: the run before may have given up on it', async (t) => {
  const { sandbox, core, name, run } = await scene(t);
  sandbox.faults.set('namespace-stuck', true);
  await core.deleteNamespace({ name });
  const running = run();
  await pause(1_000);
  sandbox.faults.set('namespace-stuck', false);
  const { status, recovered } = await running;
  assert.equal(status, 'passed');
  assert.deepEqual(recovered, [{ kind: 'namespace', name }]);
});

test('one that is never gone is the fault of the cluster', async (t) => {
  const { sandbox, core, name, run } = await scene(t);
  sandbox.faults.set('namespace-stuck', true);
  await core.deleteNamespace({ name });
  const { status, steps } = await run();
  assert.deepEqual([status, steps[0]?.findings[0]?.code], ['failed', 'k8s.not_deleted']);
});

test('one that is young and stands may be of a run under way elsewhere, and is left alone', async (t) => {
  const { core, name, run } = await scene(t);
  const { status, steps } = await run();
  assert.deepEqual([status, steps[0]?.findings[0]?.code], ['errored', 'api.conflict']);
  const { status: there } = await core.readNamespace({ name });
  assert.equal(there?.phase, 'Active');
});
