/** Which suites the overview shows. */
import type { SuiteHealth } from '../model/health.ts';
import { type Content, html } from './html.ts';
import type { Scene } from './scene.ts';
import { areaOf, manySuites, rank } from './suite-groups.ts';
import { worstFirst } from './verdict-head.ts';
import { count, stateWord } from './words.ts';

/** As the query string brings it; what is not understood filters nothing. */
export interface SuiteFilter {
  /** Found in the suite's name, area or description, whatever the case. */
  readonly q?: string;
  /** A state, or `red` for everything that is not well. */
  readonly state?: string;
}

export function keeps(scene: Scene, { q, state }: SuiteFilter): (health: SuiteHealth) => boolean {
  const text = q?.trim().toLowerCase() ?? '';
  return (health) => {
    if (state === 'red' && rank(health.state) >= rank('passing')) return false;
    if (worstFirst.some((one) => one === state) && health.state !== state) return false;
    const definition = scene.options.suites.find(({ name }) => name === health.suite);
    const fields = [health.suite, health.remote ? '' : areaOf(scene, health.suite), definition?.description ?? ''];
    return fields.some((field) => field.toLowerCase().includes(text));
  };
}

/** Works by loading the page; the script makes it work while typing. */
export function filterForm({ health }: Scene, { q = '', state = '' }: SuiteFilter, shown: number): Content {
  const isFiltered = q.trim() !== '' || state !== '';
  if (health.suites.length < manySuites && !isFiltered) return '';
  const option = (value: string, words: string) =>
    html`<option value="${value}"${value === state && html` selected`}>${words}</option>`;
  return html`<form class="filter" role="search" method="get" action="/" data-filter><label>Find <input type="search" name="q" value="${q.slice(0, 200)}" maxlength="200" placeholder="suite, area"></label>
<label>State <select name="state">${option('', 'all')}${option('red', 'not well')}${worstFirst.map((one) => option(one, stateWord[one].toLowerCase()))}</select></label><button class="button">Filter</button></form>
<p id="shown" class="dim" role="status" data-live data-state="">${isFiltered && html`${shown} of ${count(health.suites.length, 'suite')}. <a href="/">Show all</a>`}</p>`;
}
