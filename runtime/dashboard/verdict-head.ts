/** The top of the page: one verdict, what explains it, and how fresh it is. */
import type { Headline } from '../model/diagnosis.ts';
import type { Health, SuiteHealth, SuiteState } from '../model/health.ts';
import { copyable } from './commands.ts';
import { type Content, html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { ago, count, exact, foreign, icon, limitWords, stateTone, stateWord, suiteName, when } from './words.ts';

/** The worst first; as the fold of health.ts ranks them. */
export const worstFirst: readonly SuiteState[] = [
  'failing',
  'errored',
  'stale',
  'unknown',
  'slow',
  'passing',
  'unsupported',
];
const mostNamed = 12;

export function titleOf({ status, suites }: Health): string {
  const marks = { passing: '✓', slow: '⧗', failing: '✗', errored: '!', stale: '⏲', unknown: '…', unsupported: '–' };
  const hit = suites.filter((suite) => suite.state === status).length;
  const isTold: readonly SuiteState[] = ['failing', 'errored', 'stale', 'slow'];
  const tally = isTold.includes(status) ? ` ${hit} of ${suites.length}` : '';
  return `${marks[status]} ${stateWord[status]}${tally}`;
}

/** `level`: of its heading on the page. */
export function verdict({ health, now }: Scene, level: 1 | 2 = 1): Markup {
  const { status, since, freshest, suites } = health;
  // The rows stand on the overview alone.
  const rows = level === 1 ? '' : '/';
  const word =
    level === 1
      ? html`<h1 id="verdict-word">${stateWord[status]}</h1>`
      : html`<h2 id="verdict-word">${stateWord[status]}</h2>`;
  return html`<section id="verdict" class="verdict ${stateTone[status]}" data-live aria-labelledby="verdict-word">
<div class="big">${icon(stateTone[status])}</div>
<div class="say">${word}<p data-say>${sentence(health, rows)}</p>${others(health, rows)}</div>
<dl class="facts">${since && fact('Since', when(since, now))}${fact('Newest result', freshest ? when(freshest, now) : 'none yet')}${fact('Suites', `${suites.length}`)}</dl>
</section>${banner(health, now)}${headline(health.headline, now)}`;
}

function fact(name: string, value: Content): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function sentence({ status, suites }: Health, rows: string): Content {
  const hit = suites.filter((suite) => suite.state === status);
  if (status === 'passing') return `${count(hit.length, 'suite passes', 'suites pass')}.`;
  if (status === 'unsupported') return html`The cluster offers nothing that the suites test: ${names(hit, rows)}`;
  if (suites.length === 0) return 'No suite is served here and no result came from elsewhere.';
  if (status === 'unknown' && hit.length === suites.length) return 'No tests have run yet, waiting...';
  if (status === 'unknown')
    return html`Just started: ${hit.length} of ${count(suites.length, 'suite')} ${hit.length === 1 ? 'has' : 'have'} no result yet: ${names(hit, rows)}`;
  return html`${hit.length} of ${count(suites.length, 'suite')}: ${names(hit, rows)}`;
}

/** What else is not well beside the worst. */
function others({ status, suites }: Health, rows: string): Content {
  const rest = worstFirst.filter((state) => state !== status && state !== 'passing');
  return rest.map((state) => {
    const hit = suites.filter((suite) => suite.state === state);
    return (
      hit.length > 0 && html`<p class="also">${icon(stateTone[state])} ${stateWord[state]}: ${names(hit, rows)}</p>`
    );
  });
}

function names(suites: readonly SuiteHealth[], rows: string): Content {
  const rest = suites.length - mostNamed;
  const links = suites.slice(0, mostNamed).map((health, index) => {
    const name = suiteName(health.suite || '(no name)', 60);
    return html`${index > 0 && ', '}<a href="${rows}#${anchor(health)}">${name}</a>`;
  });
  return html`${links}${rest > 0 && ` and ${rest} more`}`;
}

/** The id of a suite's row; of this alphabet whatever the name. */
export function anchor({ suite, remote }: Pick<SuiteHealth, 'suite' | 'remote'>): string {
  return `${remote ? 'remote' : 'suite'}-${encodeURIComponent(suite.slice(0, 80).toWellFormed()).replaceAll('%', '_')}`;
}

function banner({ freshest, suites }: Health, now: Date): Markup {
  const limitMs = Math.max(0, ...suites.map(({ staleAfterMs = 0 }) => staleAfterMs));
  const isOld = suites.length > 0 && suites.every((suite) => suite.state === 'stale');
  const last = freshest
    ? html`The newest is of ${exact(freshest)}, ${ago(freshest, now)}.`
    : 'None came since this process started.';
  return html`<div id="banner" data-live>${isOld && html`<p class="banner" role="alert">${icon('old')} <strong>No result for more than ${limitWords(limitMs)}.</strong> ${last} Nothing on this page says how the cluster is now.</p>`}</div>`;
}

function headline(found: Headline | undefined, now: Date): Markup {
  if (!found) return html`<div id="headline" data-live></div>`;
  const { component, part, confidence, since, suites, unexplained, command } = found;
  return html`<section id="headline" class="headline" data-live aria-labelledby="headline-title">
<h2 id="headline-title">What is broken <span class="tag">${confidence}</span></h2>
<p class="culprit">${foreign(component, 60)}${part && html` <span class="dim">${foreign(part, 100)}</span>`}</p>
<p>${foreign(found.sentence, 800)}</p>
<dl class="facts"><div><dt>Since</dt><dd>${when(since, now)}</dd></div><div><dt>Explains</dt><dd>${list(suites)}</dd></div>${unexplained.length > 0 && html`<div><dt>Does not explain</dt><dd>${list(unexplained)}</dd></div>`}</dl>
${command && html`<p class="first">Look first: ${copyable(command)}</p>`}${
  found.evidence.length > 0 &&
  html`<details class="evidence"><summary>Why <span class="dim">rule ${foreign(found.rule, 80)}</span></summary><ul>${found.evidence.slice(0, 20).map((line) => html`<li>${foreign(line, 500)}</li>`)}</ul></details>`
}</section>`;
}

function list(suites: readonly string[]): Content {
  return suites.map((suite, index) => html`${index > 0 && ', '}${suiteName(suite, 60)}`);
}
