import type { Look } from './contract.ts';

/** What it came to, and how long it took; never throws. */
export async function within(limitMs: number, act: (signal: AbortSignal) => Promise<void>): Promise<Look> {
  const began = performance.now();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(Object.assign(new Error('no answer'), { code: 'timeout' })), limitMs);
  const took = () => Math.round(performance.now() - began);
  try {
    await act(limit.signal);
    return { ms: took() };
  } catch (error) {
    return { ms: took(), why: limit.signal.aborted ? 'timeout' : wordOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

const dnsWords: Readonly<Record<string, string>> = {
  ENOTFOUND: 'nxdomain',
  ESERVFAIL: 'servfail',
  EREFUSED: 'refused',
  ENODATA: 'no_answer',
  ETIMEOUT: 'timeout',
  ECANCELLED: 'timeout',
};

function wordOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no_answer';
  return dnsWords[code] ?? code;
}
