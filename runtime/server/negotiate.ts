/** True when `accept` names text/plain, and no JSON type before it or with more weight. Nothing said, or `*`: JSON. */
export function wantsText(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map(parseRange);
  const weight = (type: string) => Math.max(0, ...ranges.filter((range) => range.type === type).map(({ q }) => q));
  const text = weight('text/plain');
  const json = weight('application/json');
  if (text === 0 || text < json) return false;
  const first = ranges.find(({ type, q }) => q === text && (type === 'text/plain' || type === 'application/json'));
  return first?.type === 'text/plain';
}

function parseRange(range: string): { type: string; q: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, q: Number.isFinite(q) ? q : 0 };
}
