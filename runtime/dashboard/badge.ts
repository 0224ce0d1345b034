/** Flat badges: the subject left, the state as word and colour right. */
import type { SuiteState } from '../model/health.ts';
import { html, type Markup } from './html.ts';

const words: Readonly<Record<SuiteState, string>> = {
  passing: 'passing',
  slow: 'slow',
  failing: 'failing',
  errored: 'errored',
  stale: 'stale',
  unknown: 'no result yet',
  unsupported: 'unsupported',
};
/** Dark enough for white text: a contrast of 4.5 at least. */
const colours: Readonly<Record<SuiteState, string>> = {
  passing: '#1a7f37',
  slow: '#7a6400',
  failing: '#c0271d',
  errored: '#8a5a00',
  stale: '#6b4fbb',
  unknown: '#5d6067',
  unsupported: '#5d6067',
};
const longestSubject = 60;
const characterWidth = 6.8;
const padding = 14;

export function badge(subject: string, state: SuiteState): Markup {
  const left = subject.length > longestSubject ? `${subject.slice(0, longestSubject - 1)}…` : subject;
  const leftWidth = widthOf(left);
  const width = leftWidth + widthOf(words[state]);
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${left}: ${words[state]}"><title>${left}: ${words[state]}</title>
<clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${leftWidth}" height="20" fill="#3c4048"/><rect x="${leftWidth}" width="${width - leftWidth}" height="20" fill="${colours[state]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="${leftWidth / 2}" y="14" textLength="${leftWidth - padding}" lengthAdjust="spacingAndGlyphs">${left}</text><text x="${(leftWidth + width) / 2}" y="14">${words[state]}</text></g></svg>`;
}

function widthOf(text: string): number {
  return Math.round(text.length * characterWidth) + padding;
}
