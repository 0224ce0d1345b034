/** Names, as pods on every node resolve them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';

test('all is well: in 11 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  for (const requests of [13, 11]) {
    const result = await drive.runOne(drive.suite('pod_dns'));
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.ok(result.apiRequests.total <= requests, `${result.apiRequests.total} requests`);
  }
  for (const path of ['/api/v1/namespaces/NS/services', '/apis/apps/v1/namespaces/NS/daemonsets']) {
    const { body } = await front.direct('GET', path.replace('NS', drive.namespaceOf('pod_dns')));
    assert.deepEqual(body.items, []);
  }
});

test('a node whose pods get no answer is named, as the DNS of that node', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('node-dns-down', { node: 'node2', on: true });
  const result = await front.run('pod_dns');
  assert.deepEqual(
    findingsIn(result).map(({ code, object }) => [code, object?.name]),
    [['mesh.dns_unreachable', 'node2']],
  );
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.part], ['dns', 'node2']);
  assert.match(
    findingsIn(result)[0]?.message ?? '',
    /^Pods on node2 do not resolve any name \(timeout\), and those on/,
  );
});

test('a name outside the cluster is asked for where it is set, and told apart', async (t) => {
  const front = await openFront(t);
  const result = await front.run('pod_dns', { env: { DNS_EXTERNAL_NAME: 'www.example.com' } });
  const [only, ...others] = findingsIn(result);
  assert.deepEqual(others, []);
  assert.equal(only?.code, 'dns.nxdomain');
  assert.match(only?.message ?? '', /a name outside www\.example\.com\., on none of 3 nodes/);
  assert.equal(result.diagnosis?.component, 'dns');
});

test('names of pods that are gone are no answer', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('endpoints-controller-down', true);
  const [only] = findingsIn(await front.run('pod_dns'));
  assert.equal(only?.code, 'dns.nxdomain');
});
