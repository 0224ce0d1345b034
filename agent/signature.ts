/**
 * Who may ask an agent: whoever has the key of its run. A request carries a number that is used once, and a signature over its method, path, number and
 * body; an answer carries a proof over the same number, so that nobody else at that address is taken for an agent. No clock is compared: clocks of nodes differ.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const headers = { once: 'x-agent-once', signature: 'x-agent-signature', proof: 'x-agent-proof' } as const;

export interface Signed {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string;
}

/** A key is made for each run, and ends with it. */
export function newKey(): string {
  return randomBytes(32).toString('base64url');
}

/** The headers of one request. */
export function signed(key: string, request: Signed, once = randomBytes(16).toString('hex')): Record<string, string> {
  return { [headers.once]: once, [headers.signature]: signatureOf(key, request, once) };
}

export function proofOf(key: string, once: string, body: string): string {
  return mac(key, 'answer', once, body);
}

export function isProven(key: string, once: string, body: string, proof: unknown): boolean {
  return isSame(proofOf(key, once, body), proof);
}

/** How many numbers an agent remembers: more requests than those one run does not send. */
const mostOnce = 20_000;

/** Takes each signed request once. */
export function createGuard(key: string): (request: Signed, given: Readonly<Record<string, unknown>>) => boolean {
  const seen = new Set<string>();
  return (request, given) => {
    const once = given[headers.once];
    if (typeof once !== 'string' || !/^[0-9a-f]{32}$/.test(once) || seen.has(once) || seen.size >= mostOnce)
      return false;
    if (!isSame(signatureOf(key, request, once), given[headers.signature])) return false;
    seen.add(once);
    return true;
  };
}

function signatureOf(key: string, { method, path, body = '' }: Signed, once: string): string {
  return mac(key, 'request', method, path, once, body);
}

function mac(key: string, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

function isSame(wanted: string, given: unknown): boolean {
  if (typeof given !== 'string' || given.length !== wanted.length) return false;
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(given));
}
