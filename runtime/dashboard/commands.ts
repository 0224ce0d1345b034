/** What to type next, ready to be copied. */
import type { ObjectRef } from '../model/object-ref.ts';
import { html, type Markup } from './html.ts';

/** `namespace`: where the object is when it does not say so itself. */
export function kubectl(ref: ObjectRef, namespace: string): string {
  const where = ref.kind === 'namespace' || ref.kind === 'node' ? '' : (ref.namespace ?? namespace);
  return `kubectl ${where && `-n ${quoted(where)} `}describe ${quoted(`${ref.kind}/${ref.name}`)}`;
}

/** Everything in the namespace. */
export function kubectlAll(namespace: string): string {
  return `kubectl -n ${quoted(namespace)} get all`;
}

/** A click copies it with the script, selects it without. */
export function copyable(command: string): Markup {
  return html`<span class="cmd"><code><bdi>${command}</bdi></code><button type="button" class="copy" data-copy aria-label="Copy ${command}">Copy</button></span>`;
}

/** Safe for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
