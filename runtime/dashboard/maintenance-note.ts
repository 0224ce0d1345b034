/** At the top of every page while a maintenance is under way. */
import { html, type Markup } from './html.ts';
import type { Scene } from './scene.ts';
import { ago, exact, foreign, icon } from './words.ts';

export function maintenanceNote({ options, now }: Pick<Scene, 'options' | 'now'>): Markup {
  const found = options.maintenance?.current;
  if (!found) return html`<div id="maintenance" data-live data-state=""></div>`;
  const { until, reason } = found;
  const isToday = until.slice(0, 10) === now.toISOString().slice(0, 10);
  const end = html`<time datetime="${until}" title="${exact(until)}">${isToday ? until.slice(11, 16) : until.slice(5, 16).replace('T', ' ')}</time>`;
  return html`<div id="maintenance" data-live data-state=""><p class="banner calm" role="status">${icon('pause')} <strong>Maintenance until ${end}${reason && html`: ${foreign(reason, 300)}`}</strong> <span class="dim">It ends ${ago(until, now)}. Runs go on, nothing alerts, and availability leaves them out.</span></p></div>`;
}
