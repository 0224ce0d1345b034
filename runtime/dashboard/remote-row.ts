/** A suite of another process: what it told of its steps. */

import type { StepRow } from '../memory/store.ts';
import type { SuiteHealth } from '../model/health.ts';
import { duration } from '../words/run-text.ts';
import { html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { anchor } from './verdict-head.ts';
import { ago, foreign, icon, stateTone, stateWord, statusTone, suiteName, when } from './words.ts';

const mostSteps = 40;
const mostDetails = 10;

/** How much of the details the page can still show; each row takes its own from it. */
export interface Room {
  characters: number;
}

export function remoteRow({ now }: Scene, health: SuiteHealth, rows: readonly StepRow[], room: Room): Markup {
  const { suite, state, lastRun } = health;
  return html`<li id="${anchor(health)}" class="suite remote ${stateTone[state]}" data-live data-state="${state}"><details${(state === 'failing' || state === 'errored') && html` open`}><summary>
<span class="state ${stateTone[state]}">${icon(stateTone[state])} ${stateWord[state]}</span><span class="name"><b>${suiteName(suite || '(no name)', 80)}</b><small>from another process</small></span>
<span class="last">${lastRun && when(lastRun.at, now)}</span><span class="took">${lastRun && lastRun.durationMs > 0 && duration(lastRun.durationMs)}</span><span class="next"></span></summary>
<div class="inside"><ol class="steps">${rows.slice(0, mostSteps).map((row) => remoteStep(row, now, room))}</ol>${rows.length > mostSteps && html`<p><a href="/steps?q=${encodeURIComponent(suite)}">All ${rows.length} steps</a></p>`}</div></details></li>`;
}

function remoteStep({ name, status, details: all, durationMs, at }: StepRow, now: Date, room: Room): Markup {
  const details = room.characters > 0 ? all : [];
  room.characters -= details.reduce((sum, [message]) => sum + message.length, 0);
  return html`<li>${icon(statusTone[status])}<span>${foreign(name, 200)} <span class="word ${statusTone[status]}">${status}</span></span><span class="took">${durationMs === undefined ? ago(at, now) : duration(durationMs)}</span>${
    details.length > 0 &&
    html`<div class="more"><ul class="findings">${details.slice(0, mostDetails).map(([message, times]) => html`<li>${foreign(message)}${times > 1 && html` <b class="times">${times} times</b>`}</li>`)}</ul></div>`
  }</li>`;
}
