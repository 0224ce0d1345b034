/** A deployment whose status speaks of pods that are no more, as between a scale to 0 and the replica set's next word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deployment } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { openDrive } from '../cluster/drive.ts';
import { openAdmin } from '../cluster/kit.ts';

test('a standing deployment is in its state when its pods are, not when its status says so', async () => {
  const sandbox = await startSandbox();
  const drive = await openDrive({
    prefix: 'stale',
    eventTimeoutSeconds: 2,
    env: { KUBECONFIG: sandbox.kubeconfigPath, PROBE_PROXY: sandbox.probeProxy },
  });
  const { apps, core, close } = openAdmin(sandbox.kubeconfigPath);
  const namespace = drive.namespaceOf('deployment_service');
  const at = { name: 'kubee2etestapp', namespace };
  try {
    await drive.stand('deployment_service');
    // The controller says nothing more, so the status stays; the pods come back and find no node.
    sandbox.faults.set('deployment-controller-down', {});
    sandbox.faults.set('scheduler-down', {});
    await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 });
    const there = await apps.readNamespacedDeployment(at);
    await apps.replaceNamespacedDeployment({ ...at, body: { ...there, spec: { ...there.spec!, replicas: 0 } } });
    const run = drive.runOne({
      ...drive.suite('deployment_service'),
      steps: ['Put back deployment'],
      run: async (t) => {
        await t.step('Put back deployment', () => t.ensure(deployment()));
      },
    });
    await pause(500);
    const stale = await apps.readNamespacedDeployment(at);
    assert.equal(stale.status?.availableReplicas, 3);
    const status = { ...stale.status, observedGeneration: stale.metadata!.generation };
    await apps.replaceNamespacedDeploymentStatus({ ...at, body: { ...stale, status } });
    const { steps } = await run;
    const [finding] = steps[0]!.findings;
    assert.equal(finding?.code, 'timeout.events');
    assert.match(finding.message, /0 of 3 pods Ready/);
  } finally {
    await close();
    await drive.close();
    await sandbox.close();
  }
});
