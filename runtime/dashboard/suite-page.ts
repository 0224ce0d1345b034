/** GET /suites/:suite: what its last runs were like. */
import { healthOfSuite, originOf } from '../memory/cluster-health.ts';
import type { RunResult } from '../model/result.ts';
import { duration } from '../words/run-text.ts';
import { meaningOf } from './finding-line.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import { levelSection } from './levels.ts';
import type { Scene } from './scene.ts';
import { runButton, slowLine } from './suite-row.ts';
import { stepTrends, trend } from './trend.ts';
import { waterfallUnderway } from './waterfall.ts';
import { ago, count, foreign, icon, stateTone, stateWord, statusTone, suiteName, unmetReason, when } from './words.ts';

/** `runs`: newest first, whole. */
export function suitePage(scene: Scene, suite: string, runs: readonly RunResult[]): Markup {
  const { health, now, options, store } = scene;
  const found = healthOfSuite(health, suite);
  const state = found?.state ?? 'unknown';
  const definition = options.suites.find((one) => one.name === suite);
  const underway = store.underway().find((run) => run.suite === suite);
  const oldestFirst = runs.toReversed();
  const summaries = store.runs(suite, originOf(found));
  const paused = new Set(summaries.filter(({ maintenance }) => maintenance).map(({ id }) => id));
  const next = found?.remote ? undefined : options.nextRun?.(suite);
  const main = html`<nav class="crumbs" aria-label="Where"><a href="/">Overview</a> <span aria-hidden="true">›</span> ${suiteName(suite, 80)}</nav>
<section class="verdict small ${stateTone[state]}"><div class="big">${icon(stateTone[state])}</div><div class="say"><h1>${suiteName(suite, 80)} <span class="word ${stateTone[state]}">${stateWord[state]}</span></h1><p>${foreign(definition?.description ?? '', 500)}${found?.remote && html` <span class="tag">run by another process</span>`}</p>${found?.slow && html`<p>The last run ${slowLine(found)}</p>`}${state === 'unsupported' && runs[0]?.unmet && html`<p>${unmetReason(runs[0].unmet)}</p>`}</div>
<dl class="facts">${found?.since && html`<div><dt>Since</dt><dd>${when(found.since, now)}</dd></div>`}${next && html`<div><dt>Next run</dt><dd>${ago(next, now)}</dd></div>`}</dl>${runButton(scene, suite)}</section>
${underway && html`<h2>Under way ${ago(underway.startedAt, now)}</h2>${waterfallUnderway(underway, now)}`}
${runs.length === 0 ? html`<p>No tests have run yet, waiting...</p>` : html`${levelSection(scene, suite, originOf(found))}${extremes(oldestFirst, now)}${trend(oldestFirst)}${codes(runs)}<h2>Steps over time</h2>${stepTrends(oldestFirst)}<h2>Last ${count(runs.length, 'run')}</h2>${runTable(runs, paused, now)}`}`;
  return page(scene, {
    title: `${suite}: ${stateWord[state].toLowerCase()}`,
    state,
    current: 'none',
    main: html`<div id="suite" data-live>${main}</div>`,
    suite,
  });
}

function extremes(oldestFirst: readonly RunResult[], now: Date): Markup {
  const red = oldestFirst.filter((run) => run.status === 'failed');
  const [first, last] = [red[0], red.at(-1)];
  const passed = oldestFirst.filter((run) => run.status === 'passed').length;
  const judged = oldestFirst.filter((run) => run.status !== 'unsupported').length;
  const link = (run: RunResult) => html`<a href="/runs/${encodeURIComponent(run.id)}">${when(run.finishedAt, now)}</a>`;
  return html`<dl class="facts wide"><div><dt>Passed</dt><dd>${passed} of ${judged}</dd></div><div><dt>First failure</dt><dd>${first ? link(first) : 'none in memory'}</dd></div><div><dt>Last failure</dt><dd>${last ? link(last) : 'none in memory'}</dd></div></dl>`;
}

function codes(runs: readonly RunResult[]): Content {
  const counts = new Map<string, number>();
  for (const { code, count } of runs.flatMap((run) => run.steps.flatMap((step) => step.findings))) {
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  if (counts.size === 0) return '';
  const ranked = [...counts].sort(([, left], [, right]) => right - left);
  const most = ranked[0]![1];
  return html`<h2>Error codes</h2><ol class="codes">${ranked.map(
    ([code, times]) =>
      html`<li><code class="code">${foreign(code, 100)}</code><svg class="bar bad" aria-hidden="true"><rect width="${Math.round((100 * times) / most)}%" height="100%"/></svg><b>${count(times, 'time')}</b><span class="dim">${meaningOf(code)}</span></li>`,
  )}</ol>`;
}

function runTable(runs: readonly RunResult[], paused: ReadonlySet<string>, now: Date): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Last runs"><table><caption class="off">Last runs, newest first</caption><thead><tr><th scope="col">Verdict</th><th scope="col">Ended</th><th scope="col" class="num">Took</th><th scope="col">Trigger</th><th scope="col">Not passed</th></tr></thead><tbody>${runs.map(
    (run) =>
      html`<tr><td class="nowrap">${icon(statusTone[run.status])} <a href="/runs/${encodeURIComponent(run.id)}">${run.status}</a>${paused.has(run.id) && html` <span class="tag">maintenance</span>`}</td><td class="nowrap">${when(run.finishedAt, now)}</td><td class="num">${duration(run.durationMs)}</td><td>${run.trigger}</td><td>${redSteps(run)}</td></tr>`,
  )}</tbody></table></div>`;
}

function redSteps({ steps }: RunResult): Content {
  const red = steps.filter(({ status }) => status === 'failed' || status === 'errored');
  return red.map(
    ({ name, findings }, index) =>
      html`${index > 0 && '; '}${foreign(name, 120)}${findings[0] && html` <code class="code">${findings[0].code}</code>`}`,
  );
}
