/** Markup that cannot be broken out of: every value that is put into the template is escaped, unless it is markup itself. */

const unsafe = /[&<>"']|(?![\n\r\t])\p{Cc}/u;
const everyUnsafe = new RegExp(unsafe, 'gu');
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | false | null | undefined | readonly Content[];

/** Nothing for false, null and undefined; lists one after the other. Attribute values must stand in quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0]!;
  for (let index = 0; index < values.length; index += 1) text += textOf(values[index]) + parts[index + 1]!;
  return new Markup(text);
}

/** Text that is known to be well-formed markup, such as a file of ours. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function textOf(value: Content): string {
  if (typeof value === 'string') return escapeText(value);
  if (value instanceof Markup) return value.text;
  if (typeof value === 'number') return String(value);
  if (!value) return '';
  let text = '';
  for (const item of value) text += textOf(item);
  return text;
}

/** Control characters, which HTML does not allow, become U+FFFD. */
function escapeText(text: string): string {
  return unsafe.test(text) ? text.replace(everyUnsafe, (character) => entities[character] ?? '�') : text;
}
