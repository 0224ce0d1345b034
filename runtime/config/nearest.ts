/** The name that is closest to a mistyped one, if any is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const byDistance = known
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return byDistance && byDistance.distance <= Math.max(2, name.length / 3) ? byDistance.candidate : undefined;
}

/** One letter more, less or another, or two neighbours swapped; or the same in another case. */
export function isOneLetterOff(name: string, known: string): boolean {
  const [a, b] = [name.toUpperCase(), known.toUpperCase()];
  if (a === b) return name !== known;
  if (distance(a, b) === 1) return true;
  const first = [...a].findIndex((letter, index) => letter !== b[index]);
  const swapped = a.slice(0, first) + a.slice(first + 1, first + 2) + a.slice(first, first + 1) + a.slice(first + 2);
  return swapped === b;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
