/** The document around every page. */

import type { SuiteState } from '../model/health.ts';
import { renderVersion } from '../words/cluster-words.ts';
import { assets } from './assets.ts';
import { type Content, html, type Markup, trusted } from './html.ts';
import { maintenanceNote } from './maintenance-note.ts';
import type { Scene } from './scene.ts';
import { foreign, stateTone, stateWord } from './words.ts';

/** A shape for each state, so that it can be told without its colour. */
const shapes = trusted(`<svg class="off" aria-hidden="true"><defs>
<symbol id="ok" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.5" fill="currentColor"/><path d="m4.5 8.3 2.4 2.4 4.7-5" fill="none" stroke="var(--bg)" stroke-width="1.8"/></symbol>
<symbol id="slow" viewBox="0 0 16 16"><path d="M2.5 1h11v2.2L9.4 8l4.1 4.8V15h-11v-2.2L6.6 8 2.5 3.2z" fill="currentColor"/><path d="M5 3.6h6M5.2 12.6 8 9.4l2.8 3.2z" fill="var(--bg)" stroke="var(--bg)" stroke-width="1.2"/></symbol>
<symbol id="bad" viewBox="0 0 16 16"><path d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z" fill="currentColor"/><path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" stroke="var(--bg)" stroke-width="1.8"/></symbol>
<symbol id="warn" viewBox="0 0 16 16"><path d="M8 .8 15.8 15H.2z" fill="currentColor"/><path d="M8 5.5v4.7m0 1.3v1.8" stroke="var(--bg)" stroke-width="1.7"/></symbol>
<symbol id="old" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.7" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 3.8V8l3 2" fill="none" stroke="currentColor" stroke-width="1.6"/></symbol>
<symbol id="none" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.7" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.6 2.6"/></symbol>
<symbol id="skip" viewBox="0 0 16 16"><path d="M4 8h8" stroke="currentColor" stroke-width="1.6"/></symbol>
<symbol id="pause" viewBox="0 0 16 16"><path d="M4 2.5h2.6v11H4zm5.4 0H12v11H9.4z" fill="currentColor"/></symbol>
<symbol id="run" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="2" opacity=".25"/><path d="M8 1.8A6.2 6.2 0 0 1 14.2 8" fill="none" stroke="currentColor" stroke-width="2"/></symbol>
</defs></svg>`);

export interface PageParts {
  /** Before the name of the product in the title. */
  readonly title: string;
  /** What the favicon shows. */
  readonly state: SuiteState;
  readonly current: 'overview' | 'steps' | 'episodes' | 'none';
  readonly main: Content;
  /** The script asks for the page again on events of this suite only. */
  readonly suite?: string;
}

export function page({ options, store, now }: Scene, { title, state, current, main, suite }: PageParts): Markup {
  const cluster = options.cluster?.();
  const link = (href: string, name: string, key: string) =>
    html`<a href="${href}"${key === current && html` aria-current="page"`}>${name}</a>`;
  return html`<!doctype html>
<html lang="en" data-root="/"${current === 'overview' && html` data-overview`} data-now="${now.toISOString()}" data-from="${store.epoch}-${store.lastEvent}"${options.isTokenRight && html` data-token`}${suite !== undefined && html` data-suite="${suite}"`}>
<head><meta charset="utf-8"><title>${title}${cluster && ` · ${cluster.name}`} · kube-e2etests</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<link id="favicon" rel="icon" type="image/svg+xml" href="/favicon-${state}.svg">
<link rel="alternate" type="application/atom+xml" title="Episodes" href="/episodes.atom"><link rel="stylesheet" href="${assets.css.path}"><script type="module" src="${assets.js.path}"></script></head>
<body>${shapes}<a class="jump" href="#main">Skip to the results</a>
<header class="top"><span class="brand">kube-e2etests</span>${cluster && html`<span id="tested" class="tested" data-live data-state=""><b>${foreign(cluster.name, 100)}</b> <small>${cluster.server !== 'unknown' && foreign(cluster.server, 120)} ${renderVersion(cluster.version)}</small></span>`}<nav aria-label="Pages">${link('/', 'Overview', 'overview')}${link('/steps', 'All steps', 'steps')}${link('/episodes', 'Episodes', 'episodes')}</nav>
<span id="link" class="link" role="status" data-state="off"></span></header>
<main id="main" tabindex="-1">${maintenanceNote({ options, now })}${main}</main>
<footer><nav aria-label="Other forms">Times are UTC. The same as data: <a href="/results">results</a> <a href="/episodes.json">episodes</a> <a href="/health">health</a> <a href="/metrics">metrics</a> <a href="/badge.svg">badge</a></nav></footer>
<p id="say" class="off" role="status"></p></body></html>`;
}

/** A tab icon of the state's shape and colour. */
export function favicon(state: SuiteState): string {
  const tone = stateTone[state];
  const colour = {
    ok: '#1a7f4b',
    slow: '#a68a00',
    bad: '#d1242f',
    warn: '#b7791f',
    old: '#7c5cc4',
    none: '#7a7f87',
    run: '',
    skip: '',
    pause: '',
  }[tone];
  const symbol = new RegExp(`<symbol id="${tone}" viewBox="0 0 16 16">(.*)</symbol>`).exec(shapes.text)![1]!;
  const drawn = symbol.replaceAll('currentColor', colour).replaceAll('var(--bg)', '#fff');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><title>${stateWord[state]}</title>${drawn}</svg>`;
}
