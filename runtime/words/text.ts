/** At most `length` characters, as a string of its own: a slice would keep the whole text in memory. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return Buffer.from(`${text.slice(0, length - 1)}…`).toString();
}

/** What a text may hold of control characters is line breaks and tabs. */
const control = /(?![\n\t])\p{Cc}/gu;

/** A text from outside, as everything behind the door may use it: no half surrogates, no control characters, at most `length` long. */
export function clean(text: string, length: number): string {
  return cut(text.toWellFormed().replace(control, '\ufffd'), length);
}
