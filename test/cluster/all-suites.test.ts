/** Two rounds of all suites side by side on a cluster that nobody broke. The longest file: its name lets it begin first. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { type Drive, openDrive, supportedSuites } from './drive.ts';
import { type Admin, leftovers, namespacesSettled, noCluster, openAdmin, removeNamespaces } from './kit.ts';
import { assertPassed, describeRun } from './say.ts';

const prefix = 'rounds';
/** The first makes what stands, the second is measured on it. */
const rounds = 2;

/** A run renews its lease that often; held-lease.ts. */
const renewEveryMs = 20_000;

/** Requests of a healthy run on standing objects; a log read for each pod comes on top for the http suites. */
const budgets: Readonly<Record<string, { total: number; watches: number; logs?: true }>> = {
  deployment: { total: 14, watches: 2 },
  http: { total: 8, watches: 0, logs: true },
  control_plane: { total: 15, watches: 2 },
  daemonset: { total: 8, watches: 1 },
  statefulset: { total: 10, watches: 1 },
  job: { total: 22, watches: 6 },
  cronjob: { total: 16, watches: 3 },
  disruption_budget: { total: 20, watches: 3 },
  volume: { total: 32, watches: 9 },
  config_update: { total: 22, watches: 1 },
  dual_stack: { total: 12, watches: 1 },
};

test('healthy cluster', { skip: noCluster }, async (t) => {
  let drive: Drive;
  let admin: Admin;
  const results: RunResult[] = [];
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
    drive = await openDrive({ prefix });
  });
  after(async () => {
    await drive?.close();
    await removeNamespaces(admin, prefix);
    await admin?.close();
  });

  for (let round = 1; round <= rounds; round++) {
    await t.test(`all suites pass side by side in round ${round}`, async (t) => {
      const all = [...(await drive.run(...supportedSuites)).values()];
      for (const result of all) t.diagnostic(describeRun(result));
      assertPassed(all);
      results.push(...all);
    });
  }

  await t.test('leaves nothing but what ensure keeps', async () => {
    assert.deepEqual(await leftovers(admin, prefix), []);
  });

  await t.test('needs no more API requests than its budget once its objects stand', () => {
    for (const [suite, { total, watches, logs }] of Object.entries(budgets)) {
      const runs = results.filter((result) => result.suite === suite).slice(1);
      assert.ok(runs.length > 0, `${suite} ran`);
      // A log line that comes late is asked for again: the run that met none tells.
      const most = total + (logs ? drive.config.replicas : 0);
      const least = Math.min(...runs.map(withoutRenewals));
      assert.ok(least <= most, `${suite} sent ${least} requests, ${most} are its budget`);
      for (const { apiRequests } of runs)
        assert.ok(apiRequests.watches <= watches, `${suite} opened ${apiRequests.watches} watches`);
    }
  });
});

/** A run renews its lease while it lasts: on a busy machine that says nothing of what it asks. */
function withoutRenewals({ apiRequests, durationMs }: RunResult): number {
  return apiRequests.total - apiRequests.retries - Math.floor(durationMs / renewEveryMs);
}
