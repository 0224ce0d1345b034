import { createHash } from 'node:crypto';

/** What every kind takes as its name: a DNS label. */
const longest = 63;
const digestLength = 8;

/**
 * `<prefix>-<rest>` for a DNS-1123 label each: as it is where it fits, else cut, with a digest of the whole in place of what was cut
 * off. A name that is only cut may end in a dash, which the API server refuses, and two long ones may become one.
 */
export function objectName(prefix: string, rest: string): string {
  const whole = `${prefix}-${rest}`;
  if (whole.length <= longest) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, digestLength);
  const kept = whole.slice(0, longest - digestLength - 1).replace(/-+$/, '');
  return `${kept}-${digest}`;
}
