/** One suite on the overview: its state, its last runs, and its steps when opened. */
import type { SuiteHealth } from '../model.ts';
import { duration } from '../report.ts';
import type { StepRow, UnderwayRun } from '../store.ts';
import { type Content, html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { strip } from './strip.ts';
import { anchor } from './verdict.ts';
import { waterfall, waterfallUnderway } from './waterfall.ts';
import { ago, count, foreign, icon, stateTone, stateWord, statusTone, when } from './words.ts';

export interface RowParts {
  readonly health: SuiteHealth;
  readonly underway?: UnderwayRun;
  /** With the steps of the last run; otherwise a link to them. */
  readonly whole: boolean;
}

export function suiteRow(scene: Scene, { health, underway, whole }: RowParts): Markup {
  const { suite, state } = health;
  const path = `/suites/${encodeURIComponent(suite)}`;
  const runs = scene.store.runs(suite);
  const open = state === 'failing' || state === 'errored';
  return html`<li id="${anchor(health)}" class="suite ${stateTone[state]}" data-live data-state="${state}">
<details${open && html` open`}><summary>${summary(scene, health, underway, runs[0]?.namespace)}</summary><div class="inside">
${staleNote(scene, health)}${underway && html`<h4>Under way ${ago(underway.startedAt, scene.now)}${underway.verdict && html` <span class="tag">${underway.verdict}, cleaning up</span>`}</h4>${waterfallUnderway(underway, scene.now)}`}
${lastRun(scene, health, whole)}<p class="links"><a href="${path}">History<span class="off"> of ${suite}</span></a> <a href="/badge/${encodeURIComponent(suite)}.svg">Badge</a> <a href="/results/${encodeURIComponent(suite)}">JSON</a></p></div></details>
<div class="side">${strip(runs)}${runButton(scene, suite, underway)}</div></li>`;
}

function summary(
  { now, options }: Scene,
  health: SuiteHealth,
  underway: UnderwayRun | undefined,
  known?: string,
): Markup {
  const { suite, state, lastRun, steps } = health;
  const next = options.nextRun?.(suite)?.toISOString();
  const namespace = underway?.namespace ?? known ?? options.namespaceOf?.(suite) ?? '';
  return html`<span class="state ${stateTone[state]}">${icon(stateTone[state])} ${stateWord[state]}</span>
<span class="name"><b>${foreign(suite, 80)}</b><small>${foreign(namespace, 80)}</small></span>
<span class="last">${lastRun ? when(lastRun.at, now) : html`<span class="dim">not yet run</span>`}</span><span class="took">${lastRun && duration(lastRun.durationMs)}</span>
<span class="next">${underway ? html`<span class="word run">${icon('run')} running</span>` : next && html`<span class="dim">next</span> ${ago(next, now)}`}</span>
${steps.length > 0 && html`<span class="why">${foreign(steps[0]!, 200)}${steps.length > 1 && ` and ${steps.length - 1} more`}</span>`}`;
}

function staleNote({ options, now }: Scene, { state, lastRun, since }: SuiteHealth): Content {
  if (state !== 'stale') return '';
  const minutes = Math.round(options.timeToReportProblemMs / 60_000);
  const before = lastRun ? html`The last run ${lastRun.status} ${ago(lastRun.at, now)}.` : 'It has never run here.';
  return html`<p class="banner">${icon('old')} <strong>No result for more than ${count(minutes, 'minute')}</strong>${since && html`, stale since ${when(since, now)}`}. ${before}</p>`;
}

function lastRun({ store, now }: Scene, health: SuiteHealth, whole: boolean): Content {
  const { suite, lastRun: last } = health;
  if (!last) return html`<p class="dim">No tests have ran yet, waiting...</p>`;
  if (!whole) return html`<p><a href="/runs/${encodeURIComponent(last.id)}">The steps of the last run</a></p>`;
  const run = store.latest(suite);
  if (!run) return '';
  const { total, watches, retries } = run.apiRequests;
  return html`<h4><a href="/runs/${encodeURIComponent(run.id)}">Last run</a> <span class="word ${statusTone[run.status]}">${run.status}</span> in ${duration(run.durationMs)}, ${ago(run.finishedAt, now)} <span class="dim">${run.trigger}, ${count(total, 'API request')}, ${count(watches, 'watch', 'watches')}, ${count(retries, 'retry', 'retries')}</span></h4>${waterfall(run)}`;
}

/** A form, so that it works without the script; with a token the form's own page asks for it. */
export function runButton({ options }: Scene, suite: string, underway: UnderwayRun | undefined): Content {
  const path = `/suites/${encodeURIComponent(suite)}/run`;
  if (!options.suites.some(({ name }) => name === suite)) return '';
  const label = html`Run now<span class="off"> ${suite}</span>`;
  if (options.isTokenRight) return html`<a class="button" href="${path}" data-run="${suite}">${label}</a>`;
  return html`<form method="post" action="${path}" data-run="${suite}"><button class="button"${underway && html` disabled`}>${label}</button></form>`;
}

/** A suite of another process: what it told of its steps. */
export function remoteRow({ now }: Scene, health: SuiteHealth, rows: readonly StepRow[]): Markup {
  const { suite, state, lastRun } = health;
  return html`<li id="${anchor(health)}" class="suite remote ${stateTone[state]}" data-live data-state="${state}"><details${(state === 'failing' || state === 'errored') && html` open`}><summary>
<span class="state ${stateTone[state]}">${icon(stateTone[state])} ${stateWord[state]}</span><span class="name"><b>${foreign(suite || '(no name)', 80)}</b><small>from another process</small></span>
<span class="last">${lastRun && when(lastRun.at, now)}</span><span class="took">${lastRun && lastRun.durationMs > 0 && duration(lastRun.durationMs)}</span><span class="next"></span></summary>
<div class="inside"><ol class="steps">${rows.slice(0, 40).map((row) => remoteStep(row, now))}</ol>${rows.length > 40 && html`<p><a href="/steps?q=${encodeURIComponent(suite)}">All ${rows.length} steps</a></p>`}</div></details></li>`;
}

function remoteStep({ name, status, details, durationMs, at }: StepRow, now: Date): Markup {
  return html`<li class="step"><span class="mark">${icon(statusTone[status])}</span><span class="what">${foreign(name, 200)} <span class="word ${statusTone[status]}">${status}</span></span><span class="took">${durationMs === undefined ? ago(at, now) : duration(durationMs)}</span>${
    details.length > 0 &&
    html`<div class="more"><ul class="findings">${details.slice(0, 10).map(([message, times]) => html`<li>${foreign(message)}${times > 1 && html` <b class="times">${times} times</b>`}</li>`)}</ul></div>`
  }</li>`;
}
