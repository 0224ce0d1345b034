/** The last runs of a suite, oldest left: low and solid passed, tall failed, tall and hollow errored. */

import type { RunSummary } from '../memory/store.ts';
import { duration } from '../words/run-text.ts';
import { html, type Markup } from './html.ts';
import { short } from './words.ts';

const mostShown = 20;
const known = new WeakMap<RunSummary, Markup>();

/** `runs`: newest first. One stop for the Tab key; the script moves along it with the arrow keys. */
export function strip(runs: readonly RunSummary[]): Markup {
  const newest = runs[0];
  if (!newest) return html`<span class="strip dim">no run yet</span>`;
  const drawn = known.get(newest) ?? draw(runs.slice(0, mostShown));
  known.set(newest, drawn);
  return drawn;
}

function draw(runs: readonly RunSummary[]): Markup {
  const cells = runs.map((run, index) => {
    const { id, status, durationMs, finishedAt } = run;
    const title = `${status}, ${duration(durationMs)}, ${short(finishedAt)}`;
    return html`<a${status !== 'passed' && html` class="${status}"`} href="/runs/${encodeURIComponent(id)}"${index > 0 && html` tabindex="-1"`} title="${title}"></a>`;
  });
  return html`<span class="strip" role="group" aria-label="Last ${runs.length} runs">${cells.reverse()}</span>`;
}
