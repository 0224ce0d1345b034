/** What agents asked from which node to where: a small table with a row for each node that asked, and a column for each that was asked. */
import type { ProbeView } from '../model/evidence.ts';
import { type Content, html } from './html.ts';
import { count, foreign } from './words.ts';

const longestName = 60;
/** They stand beside the nodes. */
const ofCluster = ['service address', 'cluster DNS'];

export function meshTable(probes: readonly ProbeView[]): Content {
  const cells = probes.filter(({ target }) => target === 'mesh');
  if (cells.length === 0) return '';
  const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
  const rows = [...new Set(cells.map(({ node = '' }) => node))].sort(byName);
  const asked = [...new Set(cells.map(({ to }) => to))];
  const nodes = asked.filter((to) => !ofCluster.includes(to)).sort(byName);
  const columns = [...nodes, ...ofCluster.filter((to) => asked.includes(to))];
  const at = new Map(cells.map((cell) => [`${cell.node} ${cell.to}`, cell]));
  const bad = cells.filter(({ result }) => result !== '200').length;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="What agents asked"><table class="mesh"><caption>From the node of the row to what the column names: ${count(bad, 'way')} broken</caption>
<thead><tr><th scope="col">From</th>${columns.map((to) => html`<th scope="col">${foreign(to, longestName)}</th>`)}</tr></thead>
<tbody>${rows.map((from) => html`<tr><th scope="row">${foreign(from, longestName)}</th>${columns.map((to) => cellOf(from, to, at.get(`${from} ${to}`)))}</tr>`)}</tbody></table></div>`;
}

function cellOf(from: string, to: string, cell: ProbeView | undefined): Content {
  if (from === to) return html`<td class="dim">itself</td>`;
  if (!cell) return html`<td class="dim">not asked</td>`;
  if (cell.result === '200') return html`<td>${Math.round(cell.durationMs)} ms</td>`;
  return html`<td><b class="word bad">${foreign(cell.detail ?? cell.result, longestName)}</b></td>`;
}
