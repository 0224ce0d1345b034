/** Whom agents blame, and whom they do not: nodes come and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';
import { bornNow, changed, cordoned, notesOf, notReady } from './nodes.ts';

const cut = { node: 'node2', on: true } as const;

test('all is well: in 11 requests once the namespace is there, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  for (const requests of [13, 11]) {
    const result = await drive.runOne(drive.suite('node_mesh'));
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.ok(result.apiRequests.total <= requests, `${result.apiRequests.total} requests`);
  }
  for (const path of ['/api/v1/namespaces/NS/services', '/apis/apps/v1/namespaces/NS/daemonsets']) {
    const { body } = await front.direct('GET', path.replace('NS', drive.namespaceOf('node_mesh')));
    assert.deepEqual(body.items, []);
  }
});

test('without AGENT_IMAGE it is unsupported, and says what to set', async (t) => {
  const front = await openFront(t);
  const result = await front.run('node_mesh', { env: { AGENT_IMAGE: '' } });
  assert.equal(result.status, 'unsupported');
  assert.match(result.unmet?.reason ?? '', /^AGENT_IMAGE is not set: set it to an image of this tool/);
});

test('on one node the service and the DNS are asked', async (t) => {
  const front = await openFront(t, { sandbox: { nodes: 1 } });
  const well = await front.run('node_mesh');
  assert.equal(well.status, 'passed', findingsIn(well)[0]?.message);
  front.sandbox.faults.set('dns-servfail', true);
  assert.deepEqual(
    findingsIn(await front.run('node_mesh')).map(({ code }) => code),
    ['dns.servfail'],
  );
});

test('two broken nodes are two findings, each with what is broken there', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('node-dns-down', { node: 'node1', on: true });
  front.sandbox.faults.set('node-proxy-down', { node: 'node2', on: true });
  const result = await front.run('node_mesh');
  assert.deepEqual(
    findingsIn(result).map(({ code, object }) => [code, object?.name]),
    [
      ['mesh.service_unreachable', 'node2'],
      ['mesh.dns_unreachable', 'node1'],
    ],
  );
});

for (const [what, change, words] of [
  ['is cordoned', cordoned, /node2 has no agent: it is cordoned/],
  ['is not Ready', notReady, /node2 has no agent: it is not Ready/],
] as const) {
  test(`a node that ${what} is not asked`, async (t) => {
    const front = await openFront(t, changed(change));
    front.sandbox.faults.set('node-link-down', cut);
    const result = await front.run('node_mesh');
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.match(notesOf(result), words);
  });
}

for (const [what, change, words] of [
  ['is cordoned meanwhile', cordoned, /not blamed, since node2 is cordoned: Pods on node2/],
  ['is not Ready any more', notReady, /not blamed, since node2 is not Ready/],
  ['is gone meanwhile', () => null, /not blamed, since node2 is gone/],
  ['has just come', bornNow, /not blamed, since node2 is new/],
] as const) {
  test(`a node that ${what} is not blamed`, async (t) => {
    const { object } = changed(change, 1);
    const front = await openFront(t, { object });
    front.sandbox.faults.set('node-link-down', cut);
    const result = await front.run('node_mesh');
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.match(notesOf(result), words);
  });
}

test('a way that is mended within the wait is no finding', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('node-link-down', cut);
  const drive = await front.drive({
    eventTimeoutSeconds: 20,
    record: (event) => {
      if (event.type === 'waiting') front.sandbox.faults.set('node-link-down', false);
    },
  });
  const result = await drive.runOne(drive.suite('node_mesh'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});
