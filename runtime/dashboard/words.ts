/** How the page names states, instants and durations. Every state has a word and a shape of its own: never colour alone. */
import type { SuiteState } from '../model/health.ts';
import type { StepStatus, Unmet, Verdict } from '../model/result.ts';
import { html, type Markup, trusted } from './html.ts';

/** Class and icon of a state; the same for a suite that fails and a step that failed. */
export type Tone = 'ok' | 'slow' | 'bad' | 'warn' | 'old' | 'none' | 'run' | 'skip' | 'pause';

export const stateTone: Readonly<Record<SuiteState, Tone>> = {
  passing: 'ok',
  slow: 'slow',
  failing: 'bad',
  errored: 'warn',
  stale: 'old',
  unknown: 'none',
  unsupported: 'skip',
};

export const stateWord: Readonly<Record<SuiteState, string>> = {
  passing: 'Passing',
  slow: 'Slow',
  failing: 'Failing',
  errored: 'Errored',
  stale: 'Stale',
  unknown: 'No result yet',
  unsupported: 'Unsupported',
};

export const statusTone: Readonly<Record<StepStatus | Verdict, Tone>> = {
  passed: 'ok',
  failed: 'bad',
  errored: 'warn',
  skipped: 'skip',
  unsupported: 'skip',
};

/** `word`: what it says to who cannot see it; none where the word stands beside it. */
export function icon(tone: Tone, word?: string): Markup {
  const role = word === undefined ? html`aria-hidden="true"` : html`role="img" aria-label="${word}"`;
  return html`<svg class="i ${tone}" ${role}><use href="#${tone}"/></svg>`;
}

/** `now`, `12 s ago`, `in 3 min`: the largest unit alone. */
export function relative(at: string, now: Date): string {
  const seconds = Math.round((now.getTime() - Date.parse(at)) / 1000);
  if (Number.isNaN(seconds)) return 'at an unknown time';
  const size = Math.abs(seconds);
  if (size < 1) return 'now';
  const [value, unit] =
    size < 60
      ? [size, 's']
      : size < 3_600
        ? [size / 60, 'min']
        : size < 172_800
          ? [size / 3_600, 'h']
          : [size / 86_400, 'd'];
  const words = `${Math.floor(value)} ${unit}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

/** `2026-01-31 14:03:22 UTC` */
export function exact(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`;
}

/** `14:03:22` on the same UTC day, `01-31 14:03` in the same year, else the date. */
export function clock(at: string, now: Date): string {
  const today = now.toISOString();
  if (at.slice(0, 10) === today.slice(0, 10)) return at.slice(11, 19);
  return at.slice(0, 4) === today.slice(0, 4) ? `${at.slice(5, 10)} ${at.slice(11, 16)}` : at.slice(0, 10);
}

/** The relative time; the script keeps it right, hovering shows the exact one. */
export function ago(at: string, now: Date): Markup {
  return html`<time datetime="${at}" title="${exact(at)}" data-rel>${relative(at, now)}</time>`;
}

/** `01-31 14:03:22` */
export function short(at: string): string {
  return at.slice(5, 19).replace('T', ' ');
}

/** Exact and relative together. */
export function when(at: string, now: Date): Markup {
  return html`<span class="when">${clock(at, now)} ${ago(at, now)}</span>`;
}

/** Why a run is unsupported, in words. */
export function unmetReason({ requirement, reason }: Unmet): Markup {
  return html`<span class="unmet"><code>${foreign(requirement, 100)}</code> ${foreign(reason, 300)}</span>`;
}

const longestShown = 2_000;

/** A text from elsewhere: cut, and isolated so that its writing direction stays its own. */
export function foreign(text: string, longest: number = longestShown): Markup {
  const rest = text.length - longest;
  return rest > 0
    ? html`<bdi>${text.slice(0, longest)}</bdi> <small>… ${rest} more characters</small>`
    : html`<bdi>${text}</bdi>`;
}

/** The name of a suite: where it is too long for its line it breaks after an underscore, and not in the middle of a word. */
export function suiteName(name: string, longest: number = longestShown): Markup {
  return trusted(foreign(name, longest).text.replaceAll('_', '_<wbr>'));
}

/** `20 minutes`, `2 hours`, `6 days`: the largest unit that it is a whole number of, or nearly. */
export function limitWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return count(minutes, 'minute');
  return minutes < 2_880 ? count(Math.round(minutes / 60), 'hour') : count(Math.round(minutes / 1_440), 'day');
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
