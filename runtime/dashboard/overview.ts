/** GET /: the verdict, a row for every suite, and what other processes told. */

import { faultSwitches } from './faults.ts';
import type { Content, Markup } from './html.ts';
import { html } from './html.ts';
import { lately } from './lately.ts';
import { page } from './layout.ts';
import { remoteRow } from './remote-row.ts';
import type { FaultState, Scene } from './scene.ts';
import { filterForm, keeps, type SuiteFilter } from './suite-filter.ts';
import { type AreaGroup, areasOf, areaTitle, inOrder } from './suite-groups.ts';
import { suiteRow } from './suite-row.ts';
import { titleOf, verdict } from './verdict-head.ts';

/** Up to this many suites show the steps of their last run; of more, only those that are not well. */
const mostWhole = 40;
/** Up to this many red suites are unfolded; more would push the others off the screen. */
const mostOpen = 3;
/** Suites of other processes on one page; the table of all steps has the others. */
const mostRemote = 200;
/** What the page shows of the details that others told, in characters. */
const mostDetailsCharacters = 200_000;

export interface OverviewParts {
  readonly faults?: readonly FaultState[];
  /** Only the rows of these suites: what the script asks for after an event. Nothing is left out of them for the filter. */
  readonly only?: ReadonlySet<string>;
  readonly filter?: SuiteFilter;
}

export function overview(scene: Scene, { faults, only, filter = {} }: OverviewParts = {}): Markup {
  const { health, options } = scene;
  const shown = inOrder(health.suites.filter(only ? ({ suite }) => only.has(suite) : keeps(scene, filter)));
  const local = shown.filter((suite) => !suite.remote);
  const remote = shown.filter((suite) => suite.remote);
  const main = html`${verdict(scene)}${lately(scene)}
<section aria-labelledby="suites-title"><h2 id="suites-title" class="off">Suites</h2>${filterForm(scene, filter, shown.length)}${localSuites(scene, local)}</section>
${remote.length > 0 && html`<section aria-labelledby="remote-title"><h2 id="remote-title">From other processes</h2><ul class="suites" id="remote" data-order>${remoteRows(scene, remote)}</ul></section>`}
${options.sandbox && faults && faultSwitches(faults, options.isTokenRight !== undefined)}`;
  return page(scene, { title: titleOf(health), state: health.status, current: 'overview', main });
}

/** From as many suites on as a person no longer sees at a glance they stand under the area that they are about, the worst area first. */
function localSuites(scene: Scene, local: Scene['health']['suites']): Content {
  const groups = areasOf(scene);
  if (local.length === 0) return '';
  if (groups.length < 2) return html`<ul class="suites" id="local" data-order>${localRows(scene, local)}</ul>`;
  return html`<div class="areas" id="areas" data-order>${groups.map((group) => areaSection(scene, group, local))}</div>`;
}

function areaSection(scene: Scene, group: AreaGroup, local: Scene['health']['suites']): Content {
  const rows = local.filter(({ suite }) => group.suites.has(suite));
  return (
    rows.length > 0 &&
    html`<section class="area" id="${group.id}" aria-labelledby="${group.id}-title">${areaTitle(group)}<ul class="suites" id="${group.id}-suites" data-order>${localRows(scene, rows)}</ul></section>`
  );
}

function localRows(scene: Scene, suites: Scene['health']['suites']): Content {
  const underway = new Map(scene.store.underway().map((run) => [run.suite, run]));
  const known = scene.health.suites;
  const isFew = known.length <= mostWhole;
  const open = known.filter(isRed).length <= mostOpen;
  let left = mostWhole;
  return suites.map((health) => {
    const whole = isFew || (isRed(health) && left-- > 0);
    return suiteRow(scene, { health, underway: underway.get(health.suite), whole, open: open && isRed(health) });
  });
}

function remoteRows(scene: Scene, suites: Scene['health']['suites']): Content {
  const rows = Map.groupBy(scene.store.snapshot().remote, (row) => row.suite || row.namespace);
  const room = { characters: mostDetailsCharacters };
  let left = mostWhole;
  const items = suites.slice(0, mostRemote).map((health) => {
    if (scene.store.runs(health.suite, 'remote').length === 0)
      return remoteRow(scene, health, rows.get(health.suite) ?? [], room);
    const whole = suites.length <= mostWhole || (isRed(health) && left-- > 0);
    return suiteRow(scene, { health, whole, open: false });
  });
  if (suites.length <= mostRemote) return items;
  return [items, html`<li><a href="/steps?origin=remote">${suites.length - mostRemote} more</a></li>`];
}

function isRed({ state }: Scene['health']['suites'][number]): boolean {
  return state === 'failing' || state === 'errored';
}
