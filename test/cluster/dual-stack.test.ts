/** One family is broken, on a cluster that has both: IP_FAMILY=dual of the kit. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Drive, openDrive, supportedSuites } from './drive.ts';
import { type Admin, namespacesSettled, noCluster, noFaults, openAdmin, removeNamespaces } from './kit.ts';
import { withoutServicesOfIPv6 } from './packets.ts';
import { assertPassed } from './say.ts';

const prefix = 'families';
const oneFamily = !supportedSuites.includes('dual_stack') && 'the cluster has one family: start it with IP_FAMILY=dual';

describe('services of both families', { skip: noCluster || noFaults || oneFamily }, () => {
  let admin: Admin;
  let drive: Drive;
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
    drive = await openDrive({ prefix, eventTimeoutSeconds: 20 });
  });
  after(async () => {
    await drive?.close();
    await removeNamespaces(admin, prefix);
    await admin?.close();
  });

  test('kube-proxy has no rules of IPv6: what answers by IPv4 is not blamed', async () => {
    assertPassed([await drive.runOne(drive.suite('dual_stack'))]);
    const heal = await withoutServicesOfIPv6();
    const broken = await drive.runOne(drive.suite('dual_stack')).finally(heal);
    const red = broken.steps.flatMap(({ name, findings }) => findings.map(({ code }) => [name, code]));
    assert.deepEqual(red, [['Request service by IPv6', 'timeout.waiting_on_endpoints']]);
    const { component, part } = broken.diagnosis ?? {};
    assert.deepEqual([broken.status, component, part], ['failed', 'kube-proxy', 'where we run']);
    assertPassed([await drive.runOne(drive.suite('dual_stack'))]);
  });
});
