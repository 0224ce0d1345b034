/** What a kubelet evicts stays as Failed, for weeks: its replica set has made another pod in its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/index.ts';
import { openDrive } from '../cluster/drive.ts';
import { type Admin, openAdmin } from '../cluster/kit.ts';
import { assertPassed } from '../cluster/say.ts';

const standing = [
  'deployment_scale',
  'deployment_scale_service',
  'deployment_service',
  'deployment_update',
  'http',
  'http_update',
];

test('an evicted pod turns no suite red', async () => {
  const sandbox = await startSandbox({ nodes: 4, zones: 4 });
  const { kubeconfigPath: KUBECONFIG, probeProxy: PROBE_PROXY, dnsServers } = sandbox;
  const env = { KUBECONFIG, PROBE_PROXY, DNS_SERVERS: dnsServers.join(',') };
  const drive = await openDrive({ prefix: 'evicted', eventTimeoutSeconds: 5, env });
  const admin = openAdmin(KUBECONFIG);
  try {
    await drive.stand(...standing);
    for (const suite of standing) await evictOne(admin, drive.namespaceOf(suite));
    assertPassed((await drive.run(...standing)).values());
    for (const suite of standing)
      assert.equal((await phases(admin, drive.namespaceOf(suite))).includes('Failed'), true);
  } finally {
    await admin.close();
    await drive.close();
    await sandbox.close();
  }
});

/** As a kubelet does it; resolves when another pod runs in its place. */
async function evictOne(admin: Admin, namespace: string): Promise<void> {
  const { core } = admin;
  const [pod] = (await core.listNamespacedPod({ namespace })).items;
  const { name = '' } = pod!.metadata!;
  const conditions = pod!.status!.conditions!.map((one) => ({
    ...one,
    status: one.type === 'PodScheduled' ? 'True' : 'False',
  }));
  const status = {
    ...pod!.status,
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: memory.',
    conditions,
  };
  await core.replaceNamespacedPodStatus({ namespace, name, body: { ...pod!, status } });
  while ((await phases(admin, namespace)).filter((phase) => phase === 'Running').length < 3) await pause(20);
}

async function phases({ core }: Admin, namespace: string): Promise<readonly (string | undefined)[]> {
  return (await core.listNamespacedPod({ namespace })).items.map(({ status }) => status?.phase);
}
