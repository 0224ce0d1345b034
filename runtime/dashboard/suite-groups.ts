/** In which order the suites stand on the overview, and under which headings. */
import { areas } from '../areas.ts';
import type { Health, SuiteHealth, SuiteState } from '../model/health.ts';
import { html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { worstFirst } from './verdict-head.ts';
import { count, icon, stateTone, stateWord } from './words.ts';

/** From as many suites on they are grouped, and there is a filter. */
export const manySuites = 12;
const noArea = 'other';

/** What is not well comes first, the worst of it at the top. Otherwise suites stay where they are. */
export function inOrder(suites: Health['suites']): readonly SuiteHealth[] {
  return suites.toSorted((left, right) => rank(left.state) - rank(right.state));
}

/** Passing and unsupported suites are equally well. */
export function rank(state: SuiteState): number {
  return Math.min(worstFirst.indexOf(state), worstFirst.indexOf('passing'));
}

export interface AreaGroup {
  readonly id: string;
  readonly name: string;
  readonly suites: ReadonlySet<string>;
  readonly health: readonly SuiteHealth[];
}

/** The worst area first. None where the suites are few, or all of one area. */
export function areasOf(scene: Scene): readonly AreaGroup[] {
  const local = scene.health.suites.filter(({ remote }) => !remote);
  if (local.length < manySuites) return [];
  const byArea = Map.groupBy(local, ({ suite }) => areaOf(scene, suite));
  const groups = [...areas, noArea].flatMap((name) => {
    const health = byArea.get(name);
    const suites = new Set(health?.map(({ suite }) => suite));
    return health ? [{ id: `area-${name.replaceAll(' ', '-')}`, name, suites, health }] : [];
  });
  const worst = ({ health }: AreaGroup) => Math.min(...health.map(({ state }) => rank(state)));
  return groups.toSorted((left, right) => worst(left) - worst(right));
}

export function areaOf({ options }: Scene, suite: string): string {
  return options.suites.find(({ name }) => name === suite)?.area ?? noArea;
}

/** The area, how many suites it has, and what of them is not well. */
export function areaTitle({ id, name, health }: AreaGroup): Markup {
  const parts = worstFirst
    .filter((state) => state !== 'passing')
    .flatMap((state) => {
      const hit = health.filter((suite) => suite.state === state).length;
      return hit > 0
        ? [
            html`<span class="word ${stateTone[state]}">${icon(stateTone[state])} ${hit} ${stateWord[state].toLowerCase()}</span>`,
          ]
        : [];
    });
  return html`<h3 id="${id}-title" data-live data-state="">${name[0]!.toUpperCase()}${name.slice(1)} <small>${count(health.length, 'suite')}</small>${parts.map((part) => html` ${part}`)}</h3>`;
}
