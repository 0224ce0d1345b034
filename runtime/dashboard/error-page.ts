/** What a browser gets that asks for what is not there. */
import { html, type Markup } from './html.ts';
import { page } from './layout.ts';
import type { Scene } from './scene.ts';
import { foreign } from './words.ts';

export function errorPage(scene: Scene, statusCode: number, message: string): Markup {
  const title = statusCode === 405 ? 'Not in this way' : 'Not here';
  const main = html`<h1>${title} <span class="tag">${statusCode}</span></h1><p>${foreign(message, 500)}.</p><p><a href="/">Overview</a> · <a href="/steps">All steps</a></p>`;
  return page(scene, { title, state: scene.health.status, current: 'none', main, suite: '' });
}
