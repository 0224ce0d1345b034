/** Images from a real registry, the add-on of the test cluster: there, not there, and the registry away. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RunResult } from '../../../runtime/model/result.ts';
import { openDrive } from '../drive.ts';
import { addOn, fault, namespacesSettled, noFaults, openAdmin, removeNamespaces } from '../kit.ts';
import { assertPassed, describeRun } from '../say.ts';

const prefix = 'pulls';
const host = '10.89.0.1:5000';
const there = `${host}/busybox:1.36`;
/** Requests of a healthy run. */
const budget = 16;

test('pulls from a registry', { skip: noFaults }, async (t) => {
  const admin = openAdmin();
  before(async () => {
    await namespacesSettled(admin, prefix);
    await addOn('registry');
  });
  after(async () => {
    await addOn('registry', 'remove');
    await removeNamespaces(admin, prefix);
    await admin.close();
  });

  async function pull(env: Readonly<Record<string, string>>, eventTimeoutSeconds?: number): Promise<RunResult> {
    const drive = await openDrive({ prefix, eventTimeoutSeconds, env });
    try {
      return await drive.runOne(drive.suite('image_pull'));
    } finally {
      await drive.close();
    }
  }

  const codes = ({ steps }: RunResult) => steps.flatMap(({ findings }) => findings.map(({ code }) => code));

  await t.test('three rounds are green, within their budget, and their times are known', async (t) => {
    const settings: readonly Readonly<Record<string, string>>[] = [
      // Not the test image: a kubelet that has pulled it from here counts the one that it had before, of the same digest, as pulled too.
      { PULL_IMAGE: there },
      { PULL_IMAGE: there },
      { PULL_IMAGE: there },
    ];
    for (const env of settings) {
      const result = await pull(env);
      t.diagnostic(describeRun(result));
      assertPassed([result]);
      assert.ok(result.apiRequests.total <= budget + 2, `${result.apiRequests.total} requests`);
      const took = result.steps.flatMap(({ measurements }) => measurements).filter((one) => 'action' in one);
      assert.equal(took.filter(({ action }) => action === 'pull').length, 3);
      assert.match(JSON.stringify(result.steps), /kube-e2etests-has-no-such-tag: not found/);
    }
  });

  await t.test('an image that is not there is ours to mend', async (t) => {
    const result = await pull({ PULL_IMAGE: `${host}/busybox:none` }, 15);
    t.diagnostic(describeRun(result));
    assert.deepEqual([result.status, ...new Set(codes(result))], ['errored', 'pull.not_found']);
    assert.equal(result.diagnosis?.component, 'setup');
  });

  for (const [action, code, heal] of [
    ['stop', 'pull.unreachable', 'start'],
    ['pause', 'timeout.waiting_on_phase', 'resume'],
  ] as const) {
    await t.test(`registry ${action}: ${code}, and the registry is named`, async (t) => {
      await fault('registry', action);
      const result = await pull({ PULL_IMAGE: there }, 20).finally(() => fault('registry', heal));
      t.diagnostic(describeRun(result));
      assert.deepEqual([result.status, ...new Set(codes(result))], ['failed', code]);
      assert.equal(result.diagnosis?.component, 'registry');
    });
  }

  await t.test('a kubelet that stands still is named, and not the registry', async (t) => {
    await fault('kubelet', '2', 'pause');
    const result = await pull({ PULL_IMAGE: there }, 20).finally(() => fault('kubelet', '2', 'resume'));
    t.diagnostic(describeRun(result));
    assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['kubelet', 'node2']);
    assertPassed([await pull({ PULL_IMAGE: there })]);
  });
});
