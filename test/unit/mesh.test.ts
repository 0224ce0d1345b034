/** Who asks whom, and what is made of the answers: pure parts of the mesh. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentReport, Look, PeerLook } from '../../agent/contract.ts';
import { cellsOf } from '../../runtime/mesh/cells.ts';
import { peersEach, planOf } from '../../runtime/mesh/plan.ts';
import { Seen } from '../../runtime/mesh/seen.ts';
import { verdictOf } from '../../runtime/mesh/troubles.ts';
import type { Member } from '../../runtime/model/mesh.ts';

const membersOf = (count: number): readonly Member[] =>
  Array.from({ length: count }, (_, index) => ({
    node: `n${index + 1}`,
    pod: `p${index + 1}`,
    host: `10.0.0.${index}`,
  }));

const good: Look = { ms: 2 };
const lost: Look = { ms: 2_500, why: 'timeout' };
const reached = (node: string): PeerLook => ({ node, answered: 5, slow: 0, ms: 2, large: good });
const cut = (node: string): PeerLook => ({ node, answered: 0, slow: 5, ms: 2_500, why: 'timeout' });

interface Broken {
  /** How the way is; undefined: well. */
  way?(from: string, to: string): PeerLook | undefined;
  service?(node: string): Look | undefined;
  dns?(node: string): Look | undefined;
  isSilent?(node: string): boolean;
  lagMs?(node: string): number;
}

/** One round of all agents. */
function seenWith(count: number, { way, service, dns, isSilent, lagMs }: Broken, rounds = 1): Seen {
  const members = membersOf(count);
  const seen = new Seen(members);
  const plan = planOf(members, 1);
  for (let round = 0; round < rounds; round++)
    for (const { node } of members) {
      const peers = (plan.get(node) ?? []).map(({ node: to }) => way?.(node, to) ?? reached(to));
      const report: AgentReport = {
        node,
        service: service?.(node) ?? good,
        dns: dns?.(node) ?? good,
        peers,
        lagMs: lagMs?.(node) ?? 3,
      };
      if (isSilent?.(node)) seen.silence(node, { why: 'no answer within 7 s' });
      else seen.report(node, report);
    }
  return seen;
}

const found = (seen: Seen) => verdictOf(seen).map(({ code, nodes }) => [code, ...nodes]);
const touches = (...nodes: readonly string[]) => ({
  way: (from: string, to: string) => (nodes.includes(from) !== nodes.includes(to) ? cut(to) : undefined),
});

test('every agent asks as many others as every other, and none itself', () => {
  for (const count of [1, 2, 3, 4, 5, 17]) {
    const plan = planOf(membersOf(count), 3);
    const asked = [...plan.values()].flat();
    for (const [node, peers] of plan) {
      assert.equal(peers.length, Math.min(peersEach, count - 1));
      assert.equal(new Set([node, ...peers.map((peer) => peer.node)]).size, peers.length + 1);
      assert.equal(asked.filter((peer) => peer.node === node).length, peers.length);
    }
  }
});

test('every pair has met after as many rounds as it takes to go round the ring', () => {
  const members = membersOf(11);
  const rounds = Math.ceil(10 / peersEach);
  const met = new Set<string>();
  for (let round = 7; round < 7 + rounds; round++)
    for (const [from, peers] of planOf(members, round)) for (const { node } of peers) met.add(`${from} ${node}`);
  assert.equal(met.size, 11 * 10);
});

for (const count of [1, 2, 3, 50]) {
  test(`nothing is found among ${count} nodes that are well`, () => {
    assert.deepEqual(found(seenWith(count, {})), []);
  });
}

for (const count of [3, 4, 50]) {
  test(`one of ${count} nodes that is cut off is one finding`, () => {
    assert.deepEqual(found(seenWith(count, touches('n2'))), [['mesh.node_unreachable', 'n2']]);
    assert.deepEqual(found(seenWith(count, { ...touches('n2'), isSilent: (node) => node === 'n2' })), [
      ['mesh.node_unreachable', 'n2'],
    ]);
  });
}

test('two nodes that are cut off are two findings', () => {
  const broken = {
    way: (from: string, to: string) => (/^n(7|8)$/.test(from) || /^n(7|8)$/.test(to) ? cut(to) : undefined),
  };
  assert.deepEqual(found(seenWith(50, broken)).sort(), [
    ['mesh.node_unreachable', 'n7'],
    ['mesh.node_unreachable', 'n8'],
  ]);
});

test('one way between two nodes that both reach others is that way, once', () => {
  const both = { way: (from: string, to: string) => ([from, to].sort().join() === 'n2,n3' ? cut(to) : undefined) };
  const [trouble, ...more] = verdictOf(seenWith(4, both));
  assert.deepEqual([trouble?.code, trouble?.nodes, more], ['mesh.link_broken', ['n2', 'n3'], []]);
  assert.match(trouble?.message ?? '', /nor the other way round/);
  const one = { way: (from: string, to: string) => (from === 'n2' && to === 'n3' ? cut(to) : undefined) };
  assert.match(
    verdictOf(seenWith(4, one))[0]?.message ?? '',
    /^Pods on n2 do not reach pods on n3, and do the other way round/,
  );
});

test('of two nodes neither is blamed more than the other', () => {
  const broken = { way: (_: string, to: string) => cut(to) };
  const troubles = verdictOf(seenWith(2, broken));
  assert.deepEqual(
    troubles.map(({ code, nodes }) => [code, nodes.toSorted()]),
    [['mesh.link_broken', ['n1', 'n2']]],
  );
});

test('a node that only we do not reach is told from one that nobody reaches', () => {
  const [trouble] = verdictOf(seenWith(3, { isSilent: (node) => node === 'n2' }));
  assert.deepEqual([trouble?.code, trouble?.nodes], ['mesh.link_broken', ['n2']]);
  assert.match(trouble?.message ?? '', /does not answer this process.*; n1, n3 reach it$/);
});

test('where no agent answers that is one finding, of no node', () => {
  assert.deepEqual(found(seenWith(3, { isSilent: () => true })), [['mesh.node_unreachable']]);
});

test('large answers that are lost to and from one node are its MTU', () => {
  const small = (to: string): PeerLook => ({ ...reached(to), large: lost });
  const broken = { way: (from: string, to: string) => (from === 'n2' || to === 'n2' ? small(to) : undefined) };
  assert.deepEqual(found(seenWith(3, broken)), [['mesh.large_answers_lost', 'n2']]);
});

test('a service that one node does not reach is its kube-proxy, and so are the names that it does not get', () => {
  const on2 = (node: string) => (node === 'n2' ? lost : undefined);
  assert.deepEqual(found(seenWith(3, { service: on2, dns: on2 })), [['mesh.service_unreachable', 'n2']]);
  assert.deepEqual(found(seenWith(3, { dns: on2 })), [['mesh.dns_unreachable', 'n2']]);
});

test('what no node reaches is no fault of a node', () => {
  assert.deepEqual(found(seenWith(3, { service: () => lost, dns: () => lost })), [['timeout.waiting_on_endpoints']]);
  assert.deepEqual(found(seenWith(3, { dns: () => ({ ms: 3, why: 'nxdomain' }) })), [['dns.nxdomain']]);
  assert.deepEqual(found(seenWith(1, { service: () => lost })), [['timeout.waiting_on_endpoints']]);
});

test('a node that is cut off is not blamed for services and names besides', () => {
  const on2 = (node: string) => (node === 'n2' ? lost : undefined);
  assert.deepEqual(found(seenWith(3, { ...touches('n2'), service: on2, dns: on2 })), [['mesh.node_unreachable', 'n2']]);
});

test('a kube-proxy here and a DNS path there are two findings', () => {
  const broken = {
    service: (node: string) => (node === 'n2' ? lost : undefined),
    dns: (node: string) => (node === 'n3' ? lost : undefined),
  };
  assert.deepEqual(found(seenWith(4, broken)), [
    ['mesh.service_unreachable', 'n2'],
    ['mesh.dns_unreachable', 'n3'],
  ]);
});

test('a way is slow only where it is so in three rounds, and then its large answers are no finding besides', () => {
  const slow = (to: string): PeerLook => ({ ...reached(to), slow: 2, large: lost });
  const broken = { way: (from: string, to: string) => (from === 'n2' || to === 'n2' ? slow(to) : undefined) };
  assert.deepEqual(found(seenWith(4, broken, 3)), [['mesh.slow', 'n2']]);
  const once = { way: (from: string, to: string) => (from === 'n2' ? { ...reached(to), slow: 5 } : undefined) };
  assert.deepEqual(found(seenWith(4, once, 2)), []);
});

test('an agent that stood still itself says of no way that it is slow', () => {
  const slow = (to: string): PeerLook => ({ ...reached(to), slow: 2, large: lost });
  const way = (from: string, to: string) => (from === 'n2' || to === 'n2' ? slow(to) : undefined);
  const busy = (node: string) => ({ way, lagMs: (one: string) => (one === node ? 400 : 3) });
  assert.deepEqual(found(seenWith(4, busy('n2'), 3)), []);
  // The ways between the others are judged as ever.
  assert.deepEqual(found(seenWith(4, busy('n4'), 3)), [['mesh.slow', 'n2']]);
});

test('where most ways are slow nobody is blamed', () => {
  assert.deepEqual(found(seenWith(4, { way: (_, to) => ({ ...reached(to), slow: 5 }) }, 4)), []);
});

test('what has been answered once is not broken later', () => {
  const seen = seenWith(3, {});
  seen.report('n2', { node: 'n2', service: lost, dns: lost, peers: ['n1', 'n3'].map(cut), lagMs: 3 });
  seen.silence('n3', { why: 'timeout' });
  assert.deepEqual(found(seen), []);
});

test('the picture shows broken ways first, whole for a few nodes and bounded for many', () => {
  const few = seenWith(3, touches('n2'));
  const cells = cellsOf(few, verdictOf(few));
  assert.equal(cells.length, 3 * 2 + 3 * 2);
  assert.deepEqual(
    cells
      .slice(0, 4)
      .map(({ node, to, result }) => `${node} ${to} ${result}`)
      .sort(),
    ['n1 n2 timeout', 'n2 n1 timeout', 'n2 n3 timeout', 'n3 n2 timeout'],
  );
  const many = seenWith(200, touches('n2'));
  assert.equal(cellsOf(many, verdictOf(many)).length, 56);
});
