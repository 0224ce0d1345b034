/** Resource quantities: `100m`, `64Mi`, `2`. */
const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** NaN for what is not a quantity. */
export function parseQuantity(text: string | number): number {
  const found = /^([+-]?[0-9.]+(?:e[+-]?[0-9]+)?)(m|k|[MGT]i?|Ki)?$/.exec(String(text));
  return found ? Number(found[1]) * factors[found[2] ?? '']! : Number.NaN;
}

/** Whole numbers as they are, parts of one in thousandths. */
export function formatQuantity(value: number): string {
  return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
}
