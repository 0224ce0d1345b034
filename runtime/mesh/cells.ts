/** The mesh as a picture: what was asked from which node to where, as evidence keeps it. Pure. */
import type { ProbeView } from '../model/evidence.ts';
import type { Trouble } from '../model/mesh.ts';
import { missOf, type NamesSeen, type WantedName } from './names.ts';
import { isWrong, type Seen, type Way } from './seen.ts';
import { isSlow } from './troubles.ts';

/** Seven nodes are shown whole; of more the ways that are broken, and those of the nodes at their ends. */
const mostCells = 56;

/** What is wrong first. */
export function cellsOf({ ways, reports }: Seen, troubles: readonly Trouble[]): readonly ProbeView[] {
  const named = new Set(troubles.flatMap(({ nodes }) => nodes));
  const concerns = ({ node = '', to }: ProbeView) => named.has(node) || named.has(to);
  const rank = (cell: ProbeView) => (cell.result !== '200' ? 0 : concerns(cell) ? 1 : 2);
  const cells = [
    ...ways.map(wayCell),
    ...reports.flatMap(({ node, service, dns }) => [
      lookCell(node, 'service address', service),
      lookCell(node, 'cluster DNS', dns),
    ]),
  ];
  return cells.sort((a, b) => rank(a) - rank(b)).slice(0, mostCells);
}

/** A row for each node, a column for each name. */
export function nameCells({ members, wanted, looks }: NamesSeen): readonly ProbeView[] {
  const cells = members.flatMap(({ node }) =>
    (looks.get(node) ?? []).map((look, index): ProbeView => {
      const name = wanted[index] as WantedName;
      const miss = missOf(name, look);
      return {
        ...lookCell(node, name.words, { ms: look.ms, ...(miss && { why: miss.why }) }),
        ...(miss?.detail && { detail: miss.detail }),
      };
    }),
  );
  const rank = ({ result }: ProbeView) => (result === '200' ? 1 : 0);
  return cells.sort((a, b) => rank(a) - rank(b)).slice(0, mostCells);
}

function wayCell(way: Way): ProbeView {
  const { from, to, best } = way;
  const { answered, ms, why = 'timeout', large } = best;
  const cell = { target: 'mesh', node: from, to, durationMs: ms } as const;
  if (answered === 0) return { ...cell, result: why };
  if (isSlow(way)) return { ...cell, result: 'slow', detail: `${way.slow} of ${way.asked} took a second and more` };
  if (large && isWrong(large)) return { ...cell, result: 'large answers lost', detail: `a large answer: ${large.why}` };
  return { ...cell, result: '200' };
}

function lookCell(node: string, to: string, { ms, why }: { readonly ms: number; readonly why?: string }): ProbeView {
  return { target: 'mesh', node, to, result: why ?? '200', durationMs: ms };
}
