/** Reports of agents → what is broken, and where. Pure: one trouble for each broken node, whatever else does not work because of it. */
import type { FindingCode } from '../findings.ts';
import type { Trouble } from '../model/mesh.ts';
import { culpritsOf, type Edge } from './culprits.ts';
import { dnsCode, doesNotAnswer, listed, nobodyAnswers } from './sayings.ts';
import { isWrong, type Seen, type Way } from './seen.ts';

/** A way is slow, or loses packets, where in three rounds at least, and in a tenth of what was asked, a first packet was lost or late. */
const slowRounds = 3;
const slowShare = 0.1;

export function verdictOf(seen: Seen): readonly Trouble[] {
  const { members, silent, reports } = seen;
  if (members.length > 0 && silent.size === members.length) return [nobodyAnswers(silent)];
  const known = new Set<string>();
  const among = (ways: readonly Way[]) => ways.filter(({ from, to }) => !known.has(from) && !known.has(to));
  const judged = (ways: readonly Way[], isBad: (way: Way) => boolean, say: Sayings): readonly Trouble[] => {
    const edges = among(ways).map(({ from, to, ...way }): Edge => ({ from, to, isBad: isBad({ from, to, ...way }) }));
    const { nodes, pairs } = culpritsOf(edges);
    const troubles = [
      ...nodes.map((node) => ({ code: say.code, nodes: [node], message: say.node(node, edges) })),
      ...pairs.map(({ from, to }) => ({ code: say.pairCode, nodes: [from, to], message: say.pair(from, to, edges) })),
    ];
    for (const node of nodes) known.add(node);
    return troubles;
  };

  const cut = judged(seen.ways, isCut, sayings.cut(seen));
  const mute = [...silent].filter(([node]) => !known.has(node)).map(([node, why]) => muteTrouble(seen, node, why));
  for (const { nodes } of mute) for (const node of nodes) known.add(node);
  const open = seen.ways.filter((way) => !isCut(way));
  const slow = isWholeSlow(open) ? [] : judged(open, isSlow, sayings.slow);
  const lossy = new Set(slow.flatMap(({ nodes }) => nodes));
  const large = judged(
    open.filter(({ from, to }) => !(lossy.has(from) && lossy.has(to))),
    losesLarge,
    sayings.large,
  );
  const rest = reports.filter(({ node }) => !known.has(node));
  return [...cut, ...mute, ...slow, ...large, ...ofServices(rest)];
}

/** Many at once are a busy cluster, or a busy process that asks; nobody is blamed for it. */
export function isWholeSlow(ways: readonly Way[]): boolean {
  return ways.length > 2 && ways.filter(isSlow).length > 0.75 * ways.length;
}

function isCut({ best }: Way): boolean {
  return best.answered === 0;
}

export function isSlow(way: Way): boolean {
  return way.slowRounds >= slowRounds && way.slow >= slowShare * way.asked;
}

function losesLarge({ best }: Way): boolean {
  return best.large !== undefined && isWrong(best.large);
}

interface Sayings {
  readonly code: FindingCode;
  readonly pairCode: FindingCode;
  node(node: string, edges: readonly Edge[]): string;
  pair(from: string, to: string, edges: readonly Edge[]): string;
}

const sayings = {
  cut: ({ silent }: Seen): Sayings => ({
    code: 'mesh.node_unreachable',
    pairCode: 'mesh.link_broken',
    node: (node, edges) =>
      `Pods on ${node} and on other nodes do not reach each other (${badWays(node, edges)})${silent.has(node) ? ', and this process does not reach them either' : ''}`,
    pair: (from, to, edges) =>
      `Pods on ${from} do not reach pods on ${to}${backwards(from, to, edges)}; both reach others`,
  }),
  slow: {
    code: 'mesh.slow',
    pairCode: 'mesh.slow',
    node: (node, edges) =>
      `The way to or from pods on ${node} loses packets, or is slow: again and again a connection takes a second and more (${badWays(node, edges)})`,
    pair: (from, to) =>
      `The way between pods on ${from} and ${to} loses packets, or is slow: again and again a connection takes a second and more`,
  },
  large: {
    code: 'mesh.large_answers_lost',
    pairCode: 'mesh.large_answers_lost',
    node: (node, edges) =>
      `Small answers pass to and from pods on ${node}, large ones are lost (${badWays(node, edges)}): look at the MTU of its network`,
    pair: (from, to) =>
      `Small answers pass from pods on ${to} to pods on ${from}, large ones are lost: look at the MTU on that way`,
  },
} as const satisfies Record<string, Sayings | ((seen: Seen) => Sayings)>;

/** "node1 → node2, node3 → node2". */
function badWays(node: string, edges: readonly Edge[]): string {
  const bad = edges.filter(({ from, to, isBad }) => isBad && (from === node || to === node));
  const shown = bad.slice(0, 4).map(({ from, to }) => `${from} → ${to}`);
  return [...shown, ...(bad.length > shown.length ? [`${bad.length - shown.length} more`] : [])].join(', ');
}

function backwards(from: string, to: string, edges: readonly Edge[]): string {
  const back = edges.find((edge) => edge.from === to && edge.to === from);
  if (!back) return '';
  return back.isBad ? ', nor the other way round' : ', and do the other way round';
}

/** Its agent does not answer us; whether others reach it says on whose side that is. */
function muteTrouble({ ways }: Seen, node: string, why: string): Trouble {
  const reached = ways.filter(({ to, best }) => to === node && best.answered > 0).map(({ from }) => from);
  const [code, rest] =
    reached.length > 0
      ? (['mesh.link_broken', `; ${reached.join(', ')} reach it`] as const)
      : (['mesh.node_unreachable', ''] as const);
  return { code, nodes: [node], message: `${doesNotAnswer(node, why)}${rest}` };
}

type Report = Seen['reports'][number];

function ofServices(reports: readonly Report[]): readonly Trouble[] {
  const lacking = reports.filter(({ service }) => isWrong(service));
  // The name servers are asked at a service address too.
  const served = reports.filter(({ service }) => !isWrong(service));
  const nameless = served.filter(({ dns }) => isWrong(dns));
  const whyOf = ({ service }: Report) => `${service.why} after ${(service.ms / 1000).toFixed(1)} s`;
  const [first] = lacking;
  if (first && served.length === 0)
    return [
      {
        code: 'timeout.waiting_on_endpoints',
        nodes: [],
        message: `The service in front of the agents does not answer at its address, on none of ${reports.length} nodes, although its pods are ready: ${whyOf(first)}`,
      },
    ];
  const ofProxies = lacking.map((report) => ({
    code: 'mesh.service_unreachable' as const,
    nodes: [report.node],
    message: `A new service does not answer from pods on ${report.node} (${whyOf(report)}), and does from ${nodesOf(served)}; pods of other nodes are reached from there: look at its kube-proxy`,
  }));
  return [...ofProxies, ...ofNames(nameless, served)];
}

function ofNames(nameless: readonly Report[], served: readonly Report[]): readonly Trouble[] {
  const [first] = nameless;
  if (!first) return [];
  if (nameless.length === served.length)
    return [
      {
        code: dnsCode(first.dns.why),
        nodes: [],
        message: `The name of the API server is not resolved in pods, on none of ${served.length} nodes: ${first.dns.why}`,
      },
    ];
  return nameless.map(({ node, dns }) => ({
    code: 'mesh.dns_unreachable',
    nodes: [node],
    message: `Pods on ${node} get no answer from the cluster's DNS (${dns.why} after ${(dns.ms / 1000).toFixed(1)} s), and those on ${nodesOf(served.filter(({ dns: own }) => !isWrong(own)))} do; services answer from there`,
  }));
}

function nodesOf(reports: readonly Report[]): string {
  return listed(reports.map(({ node }) => node));
}
