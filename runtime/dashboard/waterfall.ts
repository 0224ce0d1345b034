/** The steps of a run in the order in which they happened, each with its share of the whole. */

import type { UnderwayRun } from '../memory/store.ts';
import type { RunResult, StepKind, StepResult } from '../model/result.ts';
import { duration } from '../words/run-text.ts';
import { findingsList } from './finding-line.ts';
import { type Content, html, type Markup } from './html.ts';
import { ago, count, foreign, icon, statusTone } from './words.ts';

const kindTag: Readonly<Record<StepKind, string>> = { step: '', check: '', recovery: 'recovery', cleanup: 'clean-up' };

export function waterfall(run: RunResult): Markup {
  const span = spanOf(run.startedAt, run.steps, run.durationMs);
  return html`<ol class="steps">${itemsOf(run.steps, run.namespace, span)}</ol>${recovered(run)}`;
}

/** The finished steps, the one under way and what it waits for, and those still to come. */
export function waterfallUnderway(run: UnderwayRun, now: Date): Markup {
  const span = spanOf(run.startedAt, run.steps, now.getTime() - Date.parse(run.startedAt));
  const seen = new Set(run.steps.map((step) => step.name).concat(run.current?.name ?? []));
  const ahead = run.declared.filter((name) => !seen.has(name));
  return html`<ol class="steps">${run.steps.map((step) => stepItem(step, run.namespace, span))}${run.current && currentItem(run, run.current, now)}${ahead.map(
    (name) =>
      html`<li class="ahead">${icon('none')}<span>${foreign(name, 200)} <span class="dim">to come</span></span></li>`,
  )}</ol>`;
}

interface Span {
  readonly start: number;
  readonly ms: number;
}

function spanOf(startedAt: string, steps: readonly StepResult[], durationMs: number): Span {
  const start = Date.parse(startedAt);
  const ends = steps.map((step) => (step.startedAt ? Date.parse(step.startedAt) - start + step.durationMs : 0));
  return { start, ms: Math.max(1, durationMs, ...ends) };
}

/** Steps that were not reached, one after the other, share a line. */
function itemsOf(steps: readonly StepResult[], namespace: string, span: Span): Content {
  const items: Markup[] = [];
  for (let index = 0; index < steps.length; ) {
    const rest = steps.slice(index);
    const reached = rest.findIndex((step) => step.status !== 'skipped');
    const skipped = rest.slice(0, reached < 0 ? rest.length : reached);
    if (skipped.length > 1) items.push(skippedItem(skipped));
    else items.push(stepItem(rest[0]!, namespace, span));
    index += Math.max(1, skipped.length);
  }
  return items;
}

function skippedItem(steps: readonly StepResult[]): Markup {
  const names = steps.map(({ name }, index) => html`${index > 0 && ' · '}${foreign(name, 200)}`);
  return html`<li class="ahead">${icon('skip')}<span class="row">${steps.length} <span class="word skip">skipped</span>: ${names}</span></li>`;
}

function stepItem(step: StepResult, namespace: string, span: Span): Markup {
  const { name, kind, status, durationMs, findings, notes } = step;
  const tag = kindTag[kind];
  const tone = statusTone[status];
  const mark = status === 'passed' ? icon(tone, status) : icon(tone);
  const word = status !== 'passed' && html` <span class="word ${tone}">${status}</span>`;
  const timing =
    status !== 'skipped' &&
    html`${bar(step, span)}<span class="took">${duration(durationMs)}</span><span class="share">${percent(durationMs / span.ms)}</span>`;
  const more =
    (findings.length > 0 || notes.length > 0) &&
    html`<div class="more">${notes.map((note) => html`<p class="dim">${foreign(note, 500)}</p>`)}${findingsList(findings, namespace)}</div>`;
  return html`<li>${mark}<span>${foreign(name, 200)}${word}${tag && html` <span class="tag">${tag}</span>`}</span>${timing}${more}</li>`;
}

function currentItem({ suite }: UnderwayRun, current: NonNullable<UnderwayRun['current']>, now: Date): Markup {
  return html`<li class="now">${icon('run')}<span>${foreign(current.name, 200)} <span class="word run">running</span></span><span class="took">began ${ago(current.startedAt, now)}</span><p class="more waiting" data-waiting="${suite}">${current.waiting !== undefined && foreign(current.waiting, 500)}</p></li>`;
}

/** Where in the run the step was, and how long. */
function bar(step: StepResult, span: Span): Markup {
  const share = (ms: number) => Math.round((1000 * ms) / span.ms) / 10;
  const from = Math.min(99.4, Math.max(0, share(Date.parse(step.startedAt) - span.start)));
  const width = Math.max(0.6, Math.min(100 - from, share(step.durationMs)));
  return html`<svg class="bar ${statusTone[step.status]}" aria-hidden="true"><rect x="${from}%" width="${width}%" height="100%"/></svg>`;
}

function percent(share: number): string {
  return share < 0.005 ? '<1 %' : `${Math.round(share * 100)} %`;
}

function recovered({ recovered: left }: Pick<RunResult, 'recovered'>): Content {
  if (left.length === 0) return '';
  const names = left.map(
    (ref, index) => html`${index > 0 && ', '}<code>${foreign(`${ref.kind}/${ref.name}`, 200)}</code>`,
  );
  return html`<p class="note">${icon('ok')} Removed what a dead run had left: ${count(left.length, 'object')}: ${names}</p>`;
}
