/** Availability over 24 h, 7 d and 30 d: a line for a row, and a section with the last 30 days for the page of a suite. */
import { originOf } from '../memory/cluster-health.ts';
import type { Origin } from '../memory/store.ts';
import type { SuiteHealth } from '../model/health.ts';
import type { Day, Level, ServiceLevel } from '../model/service-level.ts';
import { type Content, html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { count, when } from './words.ts';

const dayMs = 24 * 3_600_000;
const windows = [
  { name: '24h', words: '24 h', ms: dayMs },
  { name: '7d', words: '7 d', ms: 7 * dayMs },
  { name: '30d', words: '30 d', ms: 30 * dayMs },
] as const;

/** Only windows that say more than the one before them: of a process of an hour three equal figures say no more than one. */
export function levelLine({ store, now }: Scene, health: SuiteHealth): Content {
  const level = store.level(health.suite, originOf(health));
  const reachesMs = level.since === undefined ? 0 : now.getTime() - Date.parse(level.since);
  const shown = windows.filter((_, index) => index === 0 || reachesMs > windows[index - 1]!.ms);
  if (level.windows['30d'].availability === null) return '';
  return html`<span class="levels">${shown.map(({ name, words }) => {
    const one = level.windows[name];
    return html`<span title="${title(one, words)}"><span class="dim">${words}</span> ${figure(one, level.target)}</span>`;
  })}</span>`;
}

export function levelSection({ store, now }: Scene, suite: string, origin: Origin): Content {
  const level = store.level(suite, origin);
  const { windows: found, target, since, burnRate } = level;
  if (since === undefined) return '';
  const facts = windows.map(
    ({ name, words }) =>
      html`<div><dt>${words}</dt><dd>${figure(found[name], target)} <small class="dim">${ofRuns(found[name])}</small></dd></div>`,
  );
  return html`<section class="level" aria-labelledby="level-title"><h2 id="level-title">Availability</h2><dl class="facts wide">${facts}<div><dt>Error budget left</dt><dd>${budget(level)} <small class="dim">of ${percent(target)} in 30 d</small></dd></div><div><dt>Burn rate</dt><dd>${rate(burnRate['1h'])} <small class="dim">in 1 h</small> ${rate(burnRate['6h'])} <small class="dim">in 6 h</small></dd></div></dl>
${days(level)}<p class="dim">Passed of passed and failed runs, counted since ${when(since, now)}. Errored and unsupported runs, and those in a maintenance, count neither way. Also as <a href="/slo/${encodeURIComponent(suite)}">JSON</a>.</p></section>`;
}

/** A bar a day; the lower, the more of its runs failed. */
function days({ days: all, target }: ServiceLevel): Markup {
  const bars = all.map((day, index) => {
    const { availability } = day;
    const tone = availability === null ? 'none' : availability >= target ? 'ok' : 'bad';
    // What failed must be seen, were it one run of thousands.
    const height = availability === null ? 6 : availability === 1 ? 40 : Math.min(36, 6 + 34 * availability);
    return html`<g><title>${dayWords(day)}</title><rect class="hit" x="${index * 20}" width="20" height="40"/><rect class="${tone}" x="${index * 20 + 2}" y="${Math.round(40 - height)}" width="16" height="${Math.round(height)}" rx="2"/></g>`;
  });
  return html`<svg class="days" viewBox="0 0 600 40" preserveAspectRatio="none" role="img" aria-label="${spoken(all)}">${bars}</svg>
<p class="axis dim" aria-hidden="true"><span>${all[0]!.date}</span><span>today</span></p>`;
}

function spoken(all: readonly Day[]): string {
  const judged = all.filter(({ availability }) => availability !== null);
  const less = judged.filter(({ failed }) => failed > 0);
  const named = less.map(({ date, availability }) => `${date} ${percent(availability!)}`).join(', ');
  return `Availability of the last 30 days: ${count(judged.length, 'day')} with runs, ${less.length === 0 ? 'none with failures' : `${less.length} with failures: ${named}`}`;
}

function dayWords(day: Day): string {
  return `${day.date}: ${day.availability === null ? 'no run that could judge' : percent(day.availability)}, ${ofRuns(day)}`;
}

function title(level: Level, words: string): string {
  return `Last ${words}: ${ofRuns(level)}`;
}

function ofRuns({ passed, failed, errored, unsupported }: Level): string {
  const others = [errored > 0 && `${errored} errored`, unsupported > 0 && `${unsupported} unsupported`].filter(Boolean);
  return [`${passed} of ${passed + failed} passed`, ...others].join(', ');
}

function figure({ availability }: Level, target: number): Markup {
  if (availability === null) return html`<b class="dim">none</b>`;
  return html`<b${availability < target && html` class="word bad"`}>${percent(availability)}</b>`;
}

function budget({ budgetLeft }: ServiceLevel): Markup {
  if (budgetLeft === null) return html`<b class="dim">none</b>`;
  const words = budgetLeft < 0 ? `overdrawn ${round(1 - budgetLeft)} times` : percent(budgetLeft);
  return html`<b${budgetLeft < 0 && html` class="word bad"`}>${words}</b>`;
}

function rate(value: number | null): Markup {
  return value === null ? html`<b class="dim">none</b>` : html`<b>${round(value)}</b>`;
}

function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}

/** Cut, not rounded: where a run has failed it is never 100%. */
export function percent(ratio: number): string {
  // 0.999 * 100 is a little less than 99.9.
  const digits = ratio > 0.9999 && ratio < 1 ? 1e4 : 1e2;
  const cut = Math.floor(Math.round(ratio * 1e10) / (1e8 / digits)) / digits;
  return `${cut}%`;
}
