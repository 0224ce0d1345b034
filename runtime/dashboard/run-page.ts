/** GET /runs/:id: one run, for as long as it is in memory. */

import { stateOf } from '../memory/cluster-health.ts';
import type { UnfinishedRun } from '../memory/underway.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { RunResult, Verdict } from '../model/result.ts';
import { renderCluster } from '../words/cluster-words.ts';
import { duration } from '../words/run-text.ts';
import { copyable, kubectlAll } from './commands.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import type { Scene } from './scene.ts';
import { waterfall, waterfallUnderway } from './waterfall.ts';
import { ago, count, exact, foreign, icon, stateTone, statusTone, suiteName, unmetReason, when } from './words.ts';

const meaning: Readonly<Record<Verdict, string>> = {
  passed: 'The cluster did everything that was asked of it.',
  failed: 'The cluster did something wrong.',
  errored: 'This run could not judge the cluster.',
  unsupported: 'The cluster does not offer what this suite tests.',
};

export function runPage(scene: Scene, run: RunResult): Markup {
  const state = stateOf[run.status];
  const { total, watches, retries } = run.apiRequests;
  const main = html`<nav class="crumbs" aria-label="Where"><a href="/">Overview</a> <span aria-hidden="true">›</span> <a href="/suites/${encodeURIComponent(run.suite)}">${suiteName(run.suite, 80)}</a> <span aria-hidden="true">›</span> run</nav>
<section class="verdict small ${stateTone[state]}"><div class="big">${icon(statusTone[run.status])}</div><div class="say"><h1>${suiteName(run.suite, 80)} <span class="word ${statusTone[run.status]}">${run.status}</span></h1><p>${meaning[run.status]}${run.unmet && html` ${unmetReason(run.unmet)}`}</p></div>
<dl class="facts"><div><dt>Began</dt><dd>${when(run.startedAt, scene.now)}</dd></div><div><dt>Took</dt><dd>${duration(run.durationMs)}</dd></div><div><dt>Trigger</dt><dd>${run.trigger}</dd></div></dl></section>
${diagnosis(run.diagnosis)}
<h2>Steps</h2>${waterfall(run)}
<h2>About this run</h2><dl class="list"><dt>Run</dt><dd><code>${foreign(run.id, 80)}</code></dd>${run.cluster && html`<dt>Cluster</dt><dd>${foreign(renderCluster(run.cluster), 300)}</dd>`}<dt>Namespace</dt><dd>${run.namespace ? foreign(run.namespace, 80) : 'none'}</dd><dt>From</dt><dd>${exact(run.startedAt)}</dd><dt>To</dt><dd>${exact(run.finishedAt)}</dd>
<dt>API requests</dt><dd>${total} in all, ${count(watches, 'watch', 'watches')}, ${count(retries, 'retry', 'retries')}</dd><dt>Objects</dt><dd>${run.namespace && copyable(kubectlAll(run.namespace))}</dd>
<dt>As data</dt><dd><a href="/results/${encodeURIComponent(run.suite)}/${encodeURIComponent(run.id)}">JSON</a></dd></dl>`;
  return page(scene, { title: `${run.status}: a run of ${run.suite}`, state, current: 'none', main, suite: '' });
}

function diagnosis(found: Diagnosis | undefined): Content {
  if (!found) return '';
  const { component, part, confidence, sentence, command, evidence, rule } = found;
  return html`<section class="headline" aria-label="Diagnosis"><h2>What is broken <span class="tag">${confidence}</span></h2>
<p class="culprit">${foreign(component, 60)}${part && html` <span class="dim">${foreign(part, 100)}</span>`}</p><p>${foreign(sentence, 800)}</p>${command && html`<p class="first">Look first: ${copyable(command)}</p>`}${
    evidence.length > 0 &&
    html`<details class="evidence"><summary>Why <span class="dim">rule ${foreign(rule, 80)}</span></summary><ul>${evidence.slice(0, 20).map((line) => html`<li>${foreign(line, 500)}</li>`)}</ul></details>`
  }</section>`;
}

/** It has no verdict yet. */
export function unfinishedPage(scene: Scene, run: UnfinishedRun): Markup {
  const { suite, id, status } = run;
  const path = `/suites/${encodeURIComponent(suite)}`;
  const said = status === 'running' ? 'runs now' : 'waits for its namespace';
  const main = html`<h1>${suiteName(suite, 80)} ${said}</h1><p>Run <code>${foreign(id, 80)}</code> ${status === 'running' ? html`began ${ago(run.startedAt, scene.now)}` : html`was asked for ${ago(run.since, scene.now)}`}. Its verdict will be on this page: <a href="/runs/${encodeURIComponent(id)}">look again</a>, or see <a href="${path}">the suite</a>.</p>${status === 'running' && waterfallUnderway(run, scene.now)}`;
  return page(scene, { title: `A run of ${suite}`, state: scene.health.status, current: 'none', main, suite });
}

/** The run is forgotten, or never was. */
export function noRunPage(scene: Scene, id: string): Markup {
  const main = html`<h1>No such run</h1><p>Run ${foreign(id, 80)} is not in memory. Only the last runs of each suite are kept, and only until the process ends. The runs that are there are on each suite’s page: <a href="/">overview</a>.</p>`;
  return page(scene, { title: 'No such run', state: scene.health.status, current: 'none', main, suite: '' });
}
