/** One finding of a step: what was wrong, how often, where to look, and what the objects showed. */
import { catalogue } from '../findings.ts';
import type { Finding } from '../model/finding.ts';
import { copyable, kubectl } from './commands.ts';
import { evidenceOf } from './evidence-tables.ts';
import { type Content, html, type Markup } from './html.ts';
import { foreign } from './words.ts';

const mostShown = 20;

/** The first 20; the rest are in the JSON. */
export function findingsList(findings: readonly Finding[], namespace: string): Content {
  if (findings.length === 0) return '';
  const rest = findings.length - mostShown;
  return html`<ul class="findings">${findings.slice(0, mostShown).map((finding) => findingItem(finding, namespace))}${rest > 0 && html`<li class="dim">${rest} more, in the JSON</li>`}</ul>`;
}

function findingItem({ code, message, count, object, evidence, blame }: Finding, namespace: string): Markup {
  return html`<li><p><code class="code" title="${meaningOf(code)}">${foreign(code, 100)}</code> ${foreign(message)}${count > 1 && html` <b class="times">${count} times</b>`}${blame === 'us' && html` <span class="tag">not the cluster’s fault</span>`}</p>
${object && copyable(kubectl(object, namespace))}${evidence && evidenceOf(evidence)}</li>`;
}

/** What the catalogue says of a code. A code can be older than this process. */
export function meaningOf(code: string): string {
  return Object.hasOwn(catalogue, code) ? catalogue[code as keyof typeof catalogue].means : '';
}
