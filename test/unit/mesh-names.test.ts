/** Names as agents resolve them: who is blamed for what is not found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NameLook } from '../../agent/contract.ts';
import { nameCells } from '../../runtime/mesh/cells.ts';
import { askForNames } from '../../runtime/mesh/name-rounds.ts';
import { NamesSeen, namesOf, namesVerdict } from '../../runtime/mesh/names.ts';
import type { Member } from '../../runtime/model/mesh.ts';

const host = 'web.t.svc.cluster.local';
const members: readonly Member[] = [1, 2, 3].map((at) => ({ node: `n${at}`, pod: `p${at}`, host: `10.0.0.${at}` }));
const wanted = namesOf(host, members, 'www.example.com');

type Answer = Partial<NameLook>;

/** All is well but for what `of` says of a node and the index of a name. */
function seenWith(of: (node: string, at: number) => Answer | undefined): NamesSeen {
  const seen = new NamesSeen(members, wanted);
  for (const { node } of members) seen.report(node, looksOf(node, of));
  return seen;
}

function looksOf(node: string, of: (node: string, at: number) => Answer | undefined): readonly NameLook[] {
  return wanted.map(({ name, type }, at) => ({
    name,
    ms: 2,
    records: type === 'service' ? ['8080 agent.web'] : ['10.0.0.1'],
    found: 1,
    ...of(node, at),
  }));
}

const found = (seen: NamesSeen) => namesVerdict(seen).map(({ code, nodes, message }) => [code, nodes.join(), message]);
const nxdomain: Answer = { why: 'nxdomain', records: [], found: 0 };
const timeout: Answer = { why: 'timeout', records: [], found: 0 };

test('the names of a headless service are asked for, short and whole', () => {
  assert.deepEqual(
    wanted.map(({ name, type }) => `${type} ${name}`),
    [
      'address web',
      'address web.t',
      'address web.t.svc.cluster.local.',
      'address agent.web.t.svc.cluster.local.',
      'service _agent._tcp.web.t.svc.cluster.local.',
      'address www.example.com.',
    ],
  );
  assert.equal(namesOf(host, members, undefined).length, 5);
  assert.deepEqual(found(seenWith(() => undefined)), []);
});

test('a node whose pods resolve nothing is named, and what works elsewhere is said', () => {
  assert.deepEqual(found(seenWith((node) => (node === 'n2' ? timeout : undefined))), [
    ['mesh.dns_unreachable', 'n2', 'Pods on n2 do not resolve any name (timeout), and those on n1, n3 do'],
  ]);
});

test('a node that does not know a short name has no right search list', () => {
  assert.deepEqual(found(seenWith((node, at) => (node === 'n3' && at === 0 ? nxdomain : undefined))), [
    ['mesh.dns_unreachable', 'n3', 'Pods on n3 do not resolve the short name web (nxdomain), and those on n1, n2 do'],
  ]);
});

test('what no node resolves is one finding of the DNS, and of no node', () => {
  const [only, ...others] = found(seenWith(() => timeout));
  assert.deepEqual(others, []);
  assert.deepEqual(only?.slice(0, 2), ['dns.timeout', '']);
  assert.match(only?.[2] ?? '', /^Pods do not resolve the short name web, .*, on none of 3 nodes: timeout$/);
  const [srv] = found(seenWith((_, at) => (at === 4 ? nxdomain : undefined)));
  assert.match(
    srv?.[2] ?? '',
    /the SRV record _agent.* on none of 3 nodes: nxdomain; the short name web, .* are resolved$/,
  );
});

test('a name outside that is not resolved is told apart from the names of the cluster', () => {
  const [only, ...others] = found(seenWith((_, at) => (at === 5 ? { why: 'servfail' } : undefined)));
  assert.deepEqual(others, []);
  assert.deepEqual(only?.slice(0, 2), ['dns.servfail', '']);
  assert.match(only?.[2] ?? '', /a name outside www\.example\.com\..*servers that its DNS asks for others/);
});

test('addresses of somebody else are no answer', () => {
  const [only] = found(seenWith((_, at) => (at === 2 ? { records: ['10.9.9.9'] } : undefined)));
  assert.deepEqual(only?.slice(0, 2), ['dns.wrong_answer', '']);
  assert.match(only?.[2] ?? '', /10\.9\.9\.9, which no agent has/);
});

test('what was right once is right, and agents that are silent are named', () => {
  const seen = seenWith((_, at) => (at === 0 ? nxdomain : undefined));
  seen.report(
    'n1',
    looksOf('n1', (_, at) => (at === 1 ? nxdomain : undefined)),
  );
  assert.deepEqual(
    seen.misses.map(({ node, wanted: { name } }) => `${node} ${name}`),
    ['n2 web', 'n3 web'],
  );
  const silent = new NamesSeen(members, wanted);
  silent.silence('n1', { why: 'no answer within 3 s' });
  assert.deepEqual(
    found(silent).map(([code, node]) => [code, node]),
    [['mesh.node_unreachable', 'n1']],
  );
  for (const { node } of members) silent.silence(node, { why: 'no answer within 3 s' });
  const [all, ...others] = found(silent);
  assert.deepEqual([all?.[0], all?.[1], others], ['mesh.node_unreachable', '', []]);
  assert.match(all?.[2] ?? '', /^None of 3 agents answers this process/);
});

test('the picture has a cell for each node and name, what is wrong first', () => {
  const [first, ...rest] = nameCells(seenWith((node, at) => (node === 'n2' && at === 1 ? nxdomain : undefined)));
  assert.deepEqual([first?.node, first?.to, first?.result], ['n2', 'the name with its namespace', 'nxdomain']);
  assert.ok(rest.length === 17 && rest.every(({ result }) => result === '200'));
});

test('it is asked again until all is right, and then only who had something wrong', async () => {
  const asked: string[] = [];
  const { troubles } = await askForNames(members, wanted, {
    ask: async ({ node }) => {
      const isEarly = asked.push(node) <= members.length;
      return { node, names: looksOf(node, () => (isEarly && node === 'n2' ? nxdomain : undefined)) };
    },
    eventTimeoutMs: 5_000,
    signal: new AbortController().signal,
    waiting: () => {},
  });
  assert.deepEqual(troubles, []);
  assert.deepEqual(asked, ['n1', 'n2', 'n3', 'n2']);
});
