/** One suite on the overview: its state, its last runs, and its steps when opened. */

import { originOf } from '../memory/cluster-health.ts';
import type { UnderwayRun } from '../memory/store.ts';
import type { SuiteHealth } from '../model/health.ts';
import type { RunResult } from '../model/result.ts';
import { duration, slowWords } from '../words/run-text.ts';
import { type Content, html, type Markup } from './html.ts';
import { levelLine } from './levels.ts';
import type { Scene } from './scene.ts';
import { strip } from './strip.ts';
import { anchor } from './verdict-head.ts';
import { waterfall, waterfallUnderway } from './waterfall.ts';
import {
  ago,
  count,
  foreign,
  icon,
  limitWords,
  stateTone,
  stateWord,
  statusTone,
  suiteName,
  unmetReason,
  when,
} from './words.ts';

const longWaitMs = 3_000;

export interface RowParts {
  readonly health: SuiteHealth;
  readonly underway?: UnderwayRun;
  /** With the steps of the last run; otherwise a link to them. */
  readonly whole: boolean;
  readonly open: boolean;
}

export function suiteRow(scene: Scene, { health, underway, whole, open }: RowParts): Markup {
  const { suite, state } = health;
  const path = `/suites/${encodeURIComponent(suite)}`;
  const runs = scene.store.runs(suite, originOf(health));
  return html`<li id="${anchor(health)}" class="suite ${stateTone[state]}" data-live data-state="${state}">
<details${open && html` open`}><summary>${summary(scene, health, underway, runs[0]?.namespace)}</summary><div class="inside">
<div>${staleNote(scene, health)}</div><div>${underway && html`<h4>Under way ${ago(underway.startedAt, scene.now)}${underway.verdict && html` <span class="tag">${underway.verdict}, cleaning up</span>`}</h4>${waterfallUnderway(underway, scene.now)}`}</div>
<div>${lastRun(scene, health, whole)}</div><p class="links"><a href="${path}">History<span class="off"> of ${suite}</span></a> <a href="/badge/${encodeURIComponent(suite)}.svg">Badge</a> <a href="/results/${encodeURIComponent(suite)}">JSON</a></p></div></details>
<div class="side">${strip(runs)}${runButton(scene, suite)}</div></li>`;
}

function summary(scene: Scene, health: SuiteHealth, underway: UnderwayRun | undefined, known?: string): Markup {
  const { now, options } = scene;
  const { suite, state, lastRun, steps } = health;
  const next = health.remote ? undefined : options.nextRun?.(suite);
  const namespace = underway?.namespace ?? known ?? options.namespaceOf?.(suite) ?? '';
  return html`<span class="state ${stateTone[state]}">${icon(stateTone[state])} ${stateWord[state]}</span>
<span class="name"><b>${suiteName(suite, 80)}</b><small>${foreign(namespace, 80)}</small></span>
<span class="last">${lastRun ? when(lastRun.at, now) : html`<span class="dim">not yet run</span>`}</span><span class="took">${lastRun && duration(lastRun.durationMs)}</span>${levelLine(scene, health)}
<span class="next">${underway ? runningNow(underway) : next && html`<span class="dim">next</span> ${ago(next, now)}`}</span>
${slowLine(health)}${state === 'unsupported' && unmetLine(scene, health)}${steps.length > 0 && whyLine(scene.store.latest(suite, originOf(health)), steps)}${waitingLine(underway, now)}`;
}

export function slowLine({ slow, lastRun }: SuiteHealth): Content {
  return slow && lastRun && html`<span class="why">${slowWords(lastRun.durationMs, slow)}</span>`;
}

/** What the cluster lacks. */
function unmetLine({ store }: Scene, health: SuiteHealth): Content {
  const { unmet } = store.latest(health.suite, originOf(health)) ?? {};
  return unmet && html`<span class="why">${unmetReason(unmet)}</span>`;
}

/** The first step that is red, and its code. */
function whyLine(run: RunResult | undefined, steps: readonly string[]): Markup {
  const code = run?.steps.find((step) => step.name === steps[0])?.findings[0]?.code;
  return html`<span class="why">${foreign(steps[0]!, 200)}${code && html` <code>${code}</code>`}${steps.length > 1 && ` and ${steps.length - 1} more`}</span>`;
}

function runningNow({ current, steps }: UnderwayRun): Markup {
  return html`<span class="word run">${icon('run')} running</span><small class="dim">${current ? foreign(current.name, 120) : steps.length === 0 && 'taking the namespace'}</small>`;
}

/** Only once a step has waited for a while: rows must not jump at every short run. */
function waitingLine(underway: UnderwayRun | undefined, now: Date): Content {
  const current = underway?.current;
  if (!current?.waiting || now.getTime() - Date.parse(current.startedAt) < longWaitMs) return '';
  return html`<span class="wait" data-waiting="${underway!.suite}">${foreign(current.waiting, 300)}</span>`;
}

function staleNote({ now }: Scene, { state, lastRun, since, staleAfterMs = 0 }: SuiteHealth): Content {
  if (state !== 'stale') return '';
  const before = lastRun ? html`The last run ${lastRun.status} ${ago(lastRun.at, now)}.` : 'It has never run here.';
  return html`<p class="banner">${icon('old')} <strong>No result for more than ${limitWords(staleAfterMs)}</strong>${since && html`, stale since ${when(since, now)}`}. ${before}</p>`;
}

function lastRun({ store, now }: Scene, health: SuiteHealth, whole: boolean): Content {
  const { suite, lastRun: last } = health;
  if (!last) return html`<p class="dim">No tests have run yet, waiting...</p>`;
  if (!whole) return html`<p><a href="/runs/${encodeURIComponent(last.id)}">The steps of the last run</a></p>`;
  const run = store.latest(suite, originOf(health));
  if (!run) return '';
  const { total, watches, retries } = run.apiRequests;
  return html`<h4><a href="/runs/${encodeURIComponent(run.id)}">Last run</a> <span class="word ${statusTone[run.status]}">${run.status}</span> in ${duration(run.durationMs)}, ${ago(run.finishedAt, now)} <span class="dim">${run.trigger}, ${count(total, 'API request')}, ${count(watches, 'watch', 'watches')}, ${count(retries, 'retry', 'retries')}</span></h4>${waterfall(run)}`;
}

/** A form, so that it works without the script; with a token the form's own page asks for it. */
export function runButton({ options }: Scene, suite: string): Content {
  const path = `/suites/${encodeURIComponent(suite)}/run`;
  if (!options.suites.some(({ name }) => name === suite)) return '';
  const label = html`Run now<span class="off"> ${suite}</span>`;
  if (options.isTokenRight) return html`<a class="button" href="${path}" data-run="${suite}">${label}</a>`;
  return html`<form method="post" action="${path}" data-run="${suite}"><button class="button">${label}</button></form>`;
}
