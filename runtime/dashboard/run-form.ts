/** GET /suites/:suite/run: asks for the token, for who comes without the script. */
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import type { Scene } from './scene.ts';
import { foreign, suiteName } from './words.ts';

export function runForm(scene: Scene, suite: string, problem?: string): Markup {
  const field: Content =
    scene.options.isTokenRight &&
    html`<label>Token <input type="password" name="token" autocomplete="current-password" required></label>`;
  const main = html`<nav class="crumbs" aria-label="Where"><a href="/">Overview</a> <span aria-hidden="true">›</span> <a href="/suites/${encodeURIComponent(suite)}">${foreign(suite, 80)}</a> <span aria-hidden="true">›</span> run now</nav>
<h1>Run ${suiteName(suite, 80)} now</h1>${problem && html`<p class="banner" role="alert">${foreign(problem, 300)}</p>`}
<form class="filter" method="post" action="/suites/${encodeURIComponent(suite)}/run">${field}<button class="button">Run now</button></form>`;
  return page(scene, { title: `Run ${suite}`, state: scene.health.status, current: 'none', main, suite: '' });
}
