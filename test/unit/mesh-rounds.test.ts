/** Rounds of questions to agents, which are stubs here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentQuestion, AgentReport } from '../../agent/contract.ts';
import { askRounds, type RoundsParts } from '../../runtime/mesh/rounds.ts';
import type { Member } from '../../runtime/model/mesh.ts';

const membersOf = (count: number): readonly Member[] =>
  Array.from({ length: count }, (_, index) => ({
    node: `n${index}`,
    pod: `p${index}`,
    host: `10.${index >> 8}.${index & 255}.2`,
  }));

function reportOf(
  { node }: Member,
  { peers }: AgentQuestion,
  isCut: (a: string, b: string) => boolean = () => false,
): AgentReport {
  return {
    node,
    service: { ms: 1 },
    dns: { ms: 1 },
    lagMs: 0,
    peers: peers.map(({ node: to }) =>
      isCut(node, to)
        ? { node: to, answered: 0, slow: 5, ms: 2_500, why: 'timeout' }
        : { node: to, answered: 5, slow: 0, ms: 1, large: { ms: 1 } },
    ),
  };
}

const partsWith = (ask: RoundsParts['ask'], eventTimeoutMs: number): RoundsParts => ({
  ask,
  eventTimeoutMs,
  signal: new AbortController().signal,
  waiting: () => {},
});

test('agents that are well are asked once each', async () => {
  let asked = 0;
  const ask: RoundsParts['ask'] = async (member, question) => {
    asked += 1;
    return reportOf(member, question);
  };
  const { troubles } = await askRounds(membersOf(40), '10.96.0.7', partsWith(ask, 60_000));
  assert.deepEqual([asked, troubles], [40, []]);
});

test('what is broken at first and works within the wait is no finding, and only who met it is asked again', async () => {
  const asked: string[] = [];
  const ask: RoundsParts['ask'] = async (member, question) => {
    const isFirst = !asked.includes(member.node);
    asked.push(member.node);
    const report = reportOf(member, question);
    return isFirst && member.node === 'n1' ? { ...report, service: { ms: 9, why: 'ECONNREFUSED' } } : report;
  };
  const { troubles } = await askRounds(membersOf(3), '10.96.0.7', partsWith(ask, 60_000));
  assert.deepEqual([asked.sort(), troubles], [['n0', 'n1', 'n1', 'n2'], []]);
});

test('what stays broken is found when the wait is over, and not long after', async () => {
  const ask: RoundsParts['ask'] = async (member, question) =>
    reportOf(member, question, (a, b) => a === 'n1' || b === 'n1');
  const { troubles, afterMs } = await askRounds(membersOf(5), '10.96.0.7', partsWith(ask, 2_500));
  assert.deepEqual(
    troubles.map(({ nodes }) => nodes),
    [['n1']],
  );
  assert.ok(afterMs < 2_500, `${afterMs} ms`);
});

test('a run that is stopped asks nobody any more', async () => {
  const stop = new AbortController();
  const ask: RoundsParts['ask'] = async () => {
    stop.abort(new Error('stopped'));
    return { why: 'timeout' };
  };
  const parts = { ...partsWith(ask, 60_000), signal: stop.signal };
  await assert.rejects(askRounds(membersOf(200), '10.96.0.7', parts), /stopped/);
});

test('1,000 nodes, two of them broken, are two findings within one wait and in 150 MB', async () => {
  const before = process.memoryUsage().rss;
  let asked = 0;
  const broken = new Set(['n17', 'n500']);
  const ask: RoundsParts['ask'] = async (member, question) => {
    asked += 1;
    await new Promise(setImmediate);
    if (broken.has(member.node)) return { why: 'no answer' };
    return reportOf(member, question, (_, to) => broken.has(to));
  };
  const { troubles, afterMs, seen } = await askRounds(membersOf(1_000), '10.96.0.7', partsWith(ask, 4_000));
  assert.deepEqual(troubles.map(({ code, nodes }) => [code, ...nodes]).sort(), [
    ['mesh.node_unreachable', 'n17'],
    ['mesh.node_unreachable', 'n500'],
  ]);
  assert.equal(seen.ways.length, 998 * 3);
  // Again only those who met the two, and the two.
  assert.ok(asked < 1_000 + 20 * 8, `${asked} requests`);
  assert.ok(afterMs < 4_000, `${afterMs} ms`);
  assert.ok(process.memoryUsage().rss - before < 150e6);
});
