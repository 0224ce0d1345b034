/** GET /episodes: what was red, from when to when, what was named, by which suites; and the same as a feed. */
import type { Episode } from '../memory/store.ts';
import { duration } from '../words/run-text.ts';
import { copyable } from './commands.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import type { Scene } from './scene.ts';
import { titleOf, verdict } from './verdict-head.ts';
import { count, exact, foreign, icon, statusTone, suiteName, when } from './words.ts';

const mostInFeed = 50;

export function episodesPage(scene: Scene): Markup {
  const { episodes } = scene.store;
  const main = html`<h1>Episodes</h1><p class="dim">From the first red run to the moment at which no suite was red any more. Newest first, as far as this process remembers. Also as a <a href="/episodes.atom">feed</a> and as <a href="/episodes.json">JSON</a>.</p>
<div id="episodes" data-live data-state="">${episodes.length === 0 ? html`<p class="banner calm">Nothing has been red since ${when(scene.store.snapshot().startedAt, scene.now)}.</p>` : html`<ol class="episodes">${episodes.map((one) => episode(scene, one))}</ol>`}</div>`;
  return page(scene, {
    title: titleOf(scene.health),
    state: scene.health.status,
    current: 'episodes',
    main: html`<div class="brief">${verdict(scene, 2)}</div>${main}`,
  });
}

function episode(
  { store, now }: Scene,
  { number, start, end, status, suites, named, codes, maintenance }: Episode,
): Markup {
  const lasted = duration((end ? Date.parse(end) : now.getTime()) - Date.parse(start));
  const run = (id: string) => (store.run(id) ? `/runs/${encodeURIComponent(id)}` : undefined);
  return html`<li id="episode-${number}"><h2>${icon(statusTone[status])} ${when(start, now)} <span class="dim">to</span> ${end ? when(end, now) : html`<b>now</b>`} <span class="word ${statusTone[status]}">${status}</span> <small class="dim">${lasted}</small>${maintenance && html` <span class="tag">maintenance</span>`}</h2>
${named.map((one) => html`<p><b>${foreign(one.component, 60)}${one.part && html` <span class="dim">${foreign(one.part, 100)}</span>`}</b> ${foreign(one.sentence, 300)}${one.command && html`<br>Look first: ${copyable(one.command)}`}</p>`)}
<p>${count(suites.length, 'suite')}: ${suites.map((one, index) => html`${index > 0 && ', '}${link(run(one.firstRun), one.suite)} <span class="dim">${one.status}${one.runs > 1 && ` ${one.runs} times`}</span>`)}</p>${codes.length > 0 && html`<p class="dim">${codes.map((code, index) => html`${index > 0 && ' '}<code>${code}</code>`)}</p>`}</li>`;
}

/** To its first red run, as long as that is remembered. */
function link(href: string | undefined, suite: string): Content {
  return href ? html`<a href="${href}">${suiteName(suite, 80)}</a>` : suiteName(suite, 80);
}

/** Atom. `lineage`: so that the ids of two processes differ, and those of one do not change when it starts again. */
export function episodesFeed({ store, options }: Scene): string {
  const cluster = options.cluster?.().name;
  // A feed wakes people: what was red in a maintenance alone is on the page.
  const shown = store.episodes.filter(({ maintenance }) => !maintenance).slice(0, mostInFeed);
  const updated = [store.snapshot().startedAt, ...shown.map(({ start, end }) => end ?? start)].sort().at(-1)!;
  const entries = shown.map((one) => {
    const components = [...new Set(one.named.map(({ component }) => component))];
    const title = `${one.end ? 'Over: ' : ''}${components.join(', ') || one.status}: ${one.suites.map(({ suite }) => suite).join(', ')}`;
    const lines = [
      `${exact(one.start)} to ${one.end ? exact(one.end) : 'now'}, ${one.status}`,
      ...one.named.map(({ sentence }) => sentence),
      one.codes.join(' '),
    ];
    return html`<entry><id>urn:kube-e2etests:${store.lineage}:${one.number}</id><title>${title.slice(0, 300).toWellFormed()}</title><updated>${one.end ?? one.start}</updated><published>${one.start}</published><link rel="alternate" type="text/html" href="episodes#episode-${one.number}"/><content type="text">${lines.filter(Boolean).join('\n')}</content></entry>
`;
  });
  return html`<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:kube-e2etests:${store.lineage}</id><title>kube-e2etests${cluster && ` · ${cluster}`}: episodes</title><updated>${updated}</updated><author><name>kube-e2etests</name></author><link rel="self" type="application/atom+xml" href="episodes.atom"/><generator>kube-e2etests</generator>
${entries}</feed>
`.text;
}
