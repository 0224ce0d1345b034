/** What was broken lately and is not any more: who comes in the morning sees what happened at night. */
import type { HeadlineSpan } from '../memory/store.ts';
import { html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { clock, exact, foreign, limitWords } from './words.ts';

const latelyMs = 24 * 3_600_000;
const mostShown = 5;

export function lately({ store, now }: Scene): Markup {
  const over = store.headlines.filter(({ end }) => end !== undefined && now.getTime() - Date.parse(end) < latelyMs);
  const rest = over.length - mostShown;
  return html`<div id="lately" data-live data-state="">${
    over.length > 0 &&
    html`<section class="lately" aria-labelledby="lately-title"><h2 id="lately-title">Recovered in the last 24 hours</h2><ul>${over.slice(0, mostShown).map((span) => episode(span, now))}</ul><p class="dim">${rest > 0 && `${rest} more: `}<a href="/episodes">All episodes</a></p></section>`
  }</div>`;
}

function episode({ headline, start, end }: HeadlineSpan, now: Date): Markup {
  const { component, part, sentence, suites } = headline;
  const lastedMs = Date.parse(end!) - Date.parse(start);
  const lasted = lastedMs < 60_000 ? 'less than a minute' : limitWords(lastedMs);
  return html`<li><span class="when"><time datetime="${start}" title="${exact(start)}">${clock(start, now)}</time> to <time datetime="${end!}" title="${exact(end!)}">${clock(end!, now)}</time></span> <b>${foreign(component, 60)}${part && html` <span class="dim">${foreign(part, 60)}</span>`}</b>, ${lasted}: ${foreign(suites.join(', '), 200)}. <span class="dim">${foreign(sentence, 300)}</span></li>`;
}
