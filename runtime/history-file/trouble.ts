/** What is wrong with a history file, in words for whoever set HISTORY_FILE. */

/** The file is not ours to write. */
export class Refusal extends Error {}

/** SQLite's primary codes: https://sqlite.org/rescode.html. */
const words: Readonly<Record<number, string>> = {
  5: 'another process uses it; each process needs a file of its own',
  8: 'it cannot be written: the file or its disk is read-only',
  10: 'its disk refuses to be read or written',
  11: 'it is damaged; move it away, and a new one is begun at the next start',
  13: 'its disk is full, or it has reached 256 MB',
  14: 'it cannot be opened; its folder must exist and be writable for this process',
  26: 'it is no history file; it is left as it is',
};
/** It may come right by itself: what was to be written is worth keeping for a while. */
const passing = new Set([5, 8, 10, 13]);

export function troubleOf(error: unknown): { readonly problem: string; readonly isPassing: boolean } {
  const { message = String(error), errcode } = error as { message?: string; errcode?: number };
  // Extended codes have the primary one in their lowest byte.
  const code = errcode === undefined ? undefined : errcode & 0xff;
  if (code === undefined) return { problem: message, isPassing: false };
  return { problem: words[code] ?? message, isPassing: passing.has(code) };
}
