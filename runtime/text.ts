/** At most `length` characters, as a string of its own: a slice would keep the whole text in memory. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return Buffer.from(`${text.slice(0, length - 1)}…`).toString();
}
