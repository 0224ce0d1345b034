/** GET /steps: the latest result of every step, local and remote, newest first; the original's table. */

import type { StepRow } from '../memory/store.ts';
import { duration } from '../words/run-text.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import type { Scene } from './scene.ts';
import { titleOf, verdict } from './verdict-head.ts';
import { count, exact, foreign, icon, statusTone, suiteName, when } from './words.ts';

/** As the query string brings it; what is not understood filters nothing. */
export interface StepFilter {
  /** Found in suite, namespace, test name or details, whatever the case. */
  readonly q?: string;
  readonly status?: string;
  readonly origin?: string;
  /** Counts from 1. */
  readonly page?: number;
}

const rowsPerPage = 200;
const statuses = ['passed', 'failed', 'errored', 'skipped'];
const origins = ['local', 'remote'];

export function stepsPage(scene: Scene, filter: StepFilter): Markup {
  const all = scene.store.rows();
  const kept = all.filter(keeps(filter));
  const pages = Math.max(1, Math.ceil(kept.length / rowsPerPage));
  const current = Math.min(pages, Math.max(1, Math.trunc(filter.page || 1)));
  const rows = kept.slice((current - 1) * rowsPerPage, current * rowsPerPage);
  const main = html`<h1>All steps</h1><p class="dim">The latest result of every step, newest first.</p>${form(filter)}
<div id="table" data-live><p role="status">${count(kept.length, 'step')}${kept.length < all.length && ` of ${all.length}`}</p>${all.length === 0 ? html`<p class="banner calm">No tests have run yet, waiting...</p>` : table(rows, scene)}${pager(filter, current, pages)}</div>`;
  return page(scene, {
    title: titleOf(scene.health),
    state: scene.health.status,
    current: 'steps',
    main: html`<div class="brief">${verdict(scene, 2)}</div>${main}`,
  });
}

function keeps({ q, status, origin }: StepFilter): (row: StepRow) => boolean {
  const text = q?.trim().toLowerCase() ?? '';
  return (row) => {
    if (status && statuses.includes(status) && row.status !== status) return false;
    if (origin && origins.includes(origin) && row.origin !== origin) return false;
    if (!text) return true;
    const has = (value: string) => value.toLowerCase().includes(text);
    return has(row.suite) || has(row.namespace) || has(row.name) || row.details.some(([message]) => has(message));
  };
}

function form({ q = '', status = '', origin = '' }: StepFilter): Markup {
  const option = (value: string, chosen: string) =>
    html`<option${value === chosen && html` selected`}>${value}</option>`;
  return html`<form class="filter" role="search" method="get" action="/steps" data-filter><label>Find <input type="search" name="q" value="${q.slice(0, 200)}" maxlength="200" placeholder="name, namespace, message"></label>
<label>Result <select name="status"><option value="">all</option>${statuses.map((value) => option(value, status))}</select></label><label>From <select name="origin"><option value="">everywhere</option>${origins.map((value) => option(value, origin))}</select></label><button class="button">Filter</button></form>`;
}

function table(rows: readonly StepRow[], { store, now }: Scene): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Steps"><table class="all"><caption class="off">Steps, newest first</caption><thead><tr><th scope="col">Result</th><th scope="col">Test name</th><th scope="col">Suite</th><th scope="col">Namespace</th><th scope="col">Details</th><th scope="col" class="num">Took</th><th scope="col">Time</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td class="nowrap">${icon(statusTone[row.status])} ${row.status}</td><td>${row.run && (row.origin === 'local' || store.run(row.run)) ? html`<a href="/runs/${encodeURIComponent(row.run)}">${foreign(row.name, 200)}</a>` : foreign(row.name, 200)}</td><td>${suiteName(row.suite, 80)}${row.origin === 'remote' && html` <span class="tag">remote</span>`}</td><td>${foreign(row.namespace, 80)}</td><td class="details">${details(row)}</td><td class="num">${row.durationMs !== undefined && row.status !== 'skipped' && duration(row.durationMs)}</td><td class="nowrap" title="${exact(row.at)}">${when(row.at, now)}</td></tr>`,
  )}</tbody></table></div>`;
}

function details({ details: found }: StepRow): Content {
  const shown = found
    .slice(0, 10)
    .map(([message, times]) => html`<li>${foreign(message, 500)} <b class="times">${count(times, 'time')}</b></li>`);
  return found.length > 0 && html`<ul>${shown}${found.length > 10 && html`<li>${found.length - 10} more</li>`}</ul>`;
}

function pager(filter: StepFilter, current: number, pages: number): Content {
  if (pages === 1) return '';
  const link = (number: number, name: string) => {
    const query = new URLSearchParams({
      q: filter.q ?? '',
      status: filter.status ?? '',
      origin: filter.origin ?? '',
      page: `${number}`,
    });
    return html`<a href="/steps?${query.toString()}">${name}</a>`;
  };
  return html`<nav class="links" aria-label="Pages of the table">${current > 1 && link(current - 1, 'Newer')} Page ${current} of ${pages} ${current < pages && link(current + 1, 'Older')}</nav>`;
}
