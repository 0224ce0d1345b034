/** Who is blamed where nodes do not answer for a service: a node, and only where it should have answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, type Passing } from '../front.ts';
import { bornNow, changed, cordoned, notesOf } from './nodes.ts';

const down = { node: 'node2', mode: 'refuse', on: true } as const;

test('every node answers: in at most 16 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  const result = await drive.runOne(drive.suite('node_port'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.ok(result.apiRequests.total <= 16, `${result.apiRequests.total} requests`);
  const { body } = await front.direct('GET', `/api/v1/namespaces/${drive.namespaceOf('node_port')}/services`);
  assert.deepEqual(body.items, []);
});

test('one node that does not answer is named, and so is its kube-proxy', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('node-proxy-down', down);
  // Long enough for more attempts than are kept as evidence.
  const result = await front.run('node_port', { eventTimeoutSeconds: 6 });
  const findings = findingsIn(result);
  assert.deepEqual(
    findings.map(({ code, object }) => [code, object?.name]),
    [['timeout.waiting_on_endpoints', 'node2']],
  );
  assert.deepEqual(
    [result.status, result.diagnosis?.component, result.diagnosis?.part],
    ['failed', 'kube-proxy', 'node2'],
  );
});

test('a node that is cordoned is not asked', async (t) => {
  const front = await openFront(t, changed(cordoned));
  front.sandbox.faults.set('node-proxy-down', down);
  const result = await front.run('node_port');
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.match(notesOf(result), /node2 is not asked: it is cordoned/);
});

for (const [what, change, words] of [
  ['is cordoned meanwhile', cordoned, /node2 did not answer, and is not blamed: it is cordoned/],
  ['is gone meanwhile', () => null, /node2 did not answer, and is not blamed: it is gone/],
] as const) {
  test(`a node that ${what} is not blamed`, async (t) => {
    const { object } = changed(change, 1);
    const front = await openFront(t, { object });
    front.sandbox.faults.set('node-proxy-down', down);
    const result = await front.run('node_port');
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.match(notesOf(result), words);
  });
}

test('a node that has just come is not blamed', async (t) => {
  const front = await openFront(t, changed(bornNow));
  front.sandbox.faults.set('node-proxy-down', down);
  const result = await front.run('node_port', { eventTimeoutSeconds: 3 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.match(notesOf(result), /node2 did not answer, and is not blamed: it is new/);
});

test('where no node is as it should be all are asked, and who does not answer is named', async (t) => {
  const front = await openFront(t, {
    object: (object: Passing) =>
      object.metadata?.name?.startsWith('node') && object.status ? cordoned(object) : object,
  });
  front.sandbox.faults.set('node-proxy-down', down);
  const result = await front.run('node_port');
  assert.deepEqual(
    findingsIn(result).map(({ code, object }) => [code, object?.name]),
    [['timeout.waiting_on_endpoints', 'node2']],
  );
});

test('where no node answers from here, and the service does, somebody is in between: errored', async (t) => {
  const front = await openFront(t, {
    object(object: Passing) {
      // Addresses where nobody is.
      if (object.metadata?.name?.startsWith('node') && object.status?.addresses)
        object.status.addresses[0].address = `192.168.99.${object.metadata.name.slice(-1)}`;
      return object;
    },
  });
  const result = await front.run('node_port');
  assert.equal(result.status, 'errored');
  assert.match(findingsIn(result)[0]?.message ?? '', /None of 3 nodes answers at a node port from here/);
});
