/** Resource quantities: `100m`, `64Mi`, `2`. */
const factors: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** NaN for what is not a quantity. */
export function parseQuantity(text: string | number): number {
  const found = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(n|u|m|k|[MGTPE]i?|Ki)?$/.exec(String(text));
  return found ? Number(found[1]) * factors[found[2] ?? '']! : Number.NaN;
}

/** In the notation it most likely came in, the shortest: parts of one in thousandths, bytes in powers of 1024 or of 1000. */
export function formatQuantity(value: number, unit: 'bytes' | 'pieces' = 'pieces'): string {
  if (!Number.isInteger(value)) return `${Math.round(value * 1000)}m`;
  const decimal = inUnits(value, ['E', 'P', 'T', 'G', 'M', 'k']);
  const binary = unit === 'bytes' ? inUnits(value, ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) : decimal;
  return binary.length <= decimal.length ? binary : decimal;
}

/** In the largest unit that leaves a whole number. */
function inUnits(value: number, units: readonly string[]): string {
  const unit = value === 0 ? undefined : units.find((one) => value % factors[one]! === 0);
  return unit ? `${value / factors[unit]!}${unit}` : String(value);
}
