/** Broken ways between nodes → who is behind them. Pure. */

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly isBad: boolean;
}

export interface Culprits {
  /** With most of whose ways, in one direction at least, something is wrong. */
  readonly nodes: readonly string[];
  /** Bad ways that no such node explains: one for each pair, whichever direction. */
  readonly pairs: readonly Edge[];
}

/** Of a node's ways out, or of its ways in. */
const mostOfThem = 0.6;

/** The fewest nodes that explain it: whoever has the most bad ways is named, its ways are taken out, and the next is looked for. */
export function culpritsOf(edges: readonly Edge[]): Culprits {
  const nodes: string[] = [];
  let left = edges;
  for (let worst = worstOf(left); worst !== undefined; worst = worstOf(left)) {
    const name = worst;
    nodes.push(name);
    left = left.filter(({ from, to }) => from !== name && to !== name);
  }
  const pairs = new Map<string, Edge>();
  for (const edge of left) {
    const pair = [edge.from, edge.to].sort().join(' ');
    if (edge.isBad && !pairs.has(pair)) pairs.set(pair, edge);
  }
  return { nodes, pairs: [...pairs.values()] };
}

interface Tally {
  bad: number;
  readonly others: Set<string>;
  readonly out: { bad: number; all: number };
  readonly in: { bad: number; all: number };
}

function worstOf(edges: readonly Edge[]): string | undefined {
  const tallies = new Map<string, Tally>();
  const tally = (node: string): Tally => {
    const known = tallies.get(node) ?? { bad: 0, others: new Set(), out: { bad: 0, all: 0 }, in: { bad: 0, all: 0 } };
    tallies.set(node, known);
    return known;
  };
  for (const { from, to, isBad } of edges) {
    const sides = [
      [tally(from), 'out', to],
      [tally(to), 'in', from],
    ] as const;
    for (const [of, side, other] of sides) {
      of[side].all += 1;
      if (!isBad) continue;
      of[side].bad += 1;
      of.bad += 1;
      of.others.add(other);
    }
  }
  // One bad way alone has two ends, and neither is likelier than the other.
  const isCulprit = (of: Tally) =>
    of.others.size > 1 && [of.out, of.in].some(({ bad, all }) => bad > 0 && bad / all >= mostOfThem);
  const found = [...tallies].filter(([, of]) => isCulprit(of));
  return found.sort(
    ([a, one], [b, other]) => other.bad - one.bad || share(other) - share(one) || (a < b ? -1 : 1),
  )[0]?.[0];
}

function share({ bad, out, in: into }: Tally): number {
  return bad / (out.all + into.all);
}
